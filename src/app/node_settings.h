// What the settings mean for the gateway.
#pragma once

#include <chrono>
#include <memory>

#include "app/settings.h"
#include "base/clock.h"
#include "gateway/gateway.h"

namespace lintel::app {

/// Management requests in flight at a stop get this long; they are short.
inline constexpr std::chrono::milliseconds kAdminGrace{2000};

std::shared_ptr<const gateway::TrustedProxies> trusted_proxies(const Settings& settings);
http::ConnectionsPerClient connections_per_client(const Settings& settings);
/// `certified`: domains have certificates. Errors: ConfigInvalid, CertificateInvalid, StartFailed.
Result<gateway::GatewayOptions> gateway_options(const Settings& settings, bool certified,
                                                const Clock& clock);

}  // namespace lintel::app
