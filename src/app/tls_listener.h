// The listeners for TLS as the settings describe it.
#pragma once

#include <vector>

#include "app/settings.h"
#include "base/clock.h"
#include "gateway/gateway.h"

namespace lintel::app {

/// Whether certificate and key can be used, if the settings name any. Makes nothing.
Status check_tls(const Settings& settings, const Clock& clock);

/// None when neither tls.listen nor tls.certificate is set and domains have no certificates
/// either. Without a certificate of its own one is made and kept in the data directory. Errors:
/// ConfigInvalid, CertificateInvalid, StartFailed.
Result<std::vector<gateway::ListenAt>> tls_listeners(const Settings& settings,
                                                     bool domains_have_certificates,
                                                     const Clock& clock);

}  // namespace lintel::app
