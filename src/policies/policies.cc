#include "policies/policies.h"

namespace lintel::policies {

gateway::PolicyKind compress();
gateway::PolicyKind ip_access();
gateway::PolicyKind rate_limit();

void register_policies(gateway::Kinds& kinds) {
    kinds.policies.push_back(ip_access());
    kinds.policies.push_back(rate_limit());
    kinds.policies.push_back(compress());
}

}  // namespace lintel::policies
