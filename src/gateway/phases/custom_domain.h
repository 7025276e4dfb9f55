// Calls at a custom domain: what the domain asks for, and where its paths lead.
#pragma once

#include "gateway/domain.h"
#include "gateway/exchange.h"
#include "gateway/route_table.h"

namespace lintel::gateway {

/// Finds the service behind the domain's mapping of the path, in the environment X-Stage names or
/// the mapped one; or refuses, also what did not come by the connection the domain wants.
Verdict enter_domain(Exchange& exchange, const Domain& domain, ServiceAddress& address);

}  // namespace lintel::gateway
