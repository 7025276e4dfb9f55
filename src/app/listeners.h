// Where the gateway listens, as the settings say it.
#pragma once

#include <optional>
#include <vector>

#include "app/settings.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/ip_address.h"
#include "gateway/gateway.h"

namespace lintel::app {

/// Whether each address with the PROXY protocol has somebody who may connect to it.
Status check_listeners(const Settings& settings);

/// All of them: those without TLS first. `certified`: domains have certificates. Errors:
/// ConfigInvalid, CertificateInvalid, StartFailed.
Result<std::vector<gateway::ListenAt>> gateway_listeners(const Settings& settings, bool certified,
                                                         const Clock& clock);

/// Who must send a PROXY header at this address; nothing when nobody does.
std::optional<std::vector<IpRange>> balancers_of(const ListenEntry& entry,
                                                 const Settings& settings);

}  // namespace lintel::app
