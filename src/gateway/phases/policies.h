// The policies that apply to an exchange, for the phases that run them.
#pragma once

#include "gateway/exchange.h"

namespace lintel::gateway {

/// In their order, up to the first that refuses.
Verdict run_policies(Exchange& exchange, const std::vector<const Policy*>& policies);

}  // namespace lintel::gateway
