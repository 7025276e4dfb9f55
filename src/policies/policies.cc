#include "policies/policies.h"

namespace lintel::policies {

gateway::PolicyKind anti_replay();
gateway::PolicyKind body_size();
gateway::PolicyKind circuit_breaker();
gateway::PolicyKind compress();
gateway::PolicyKind ip_access();
gateway::PolicyKind rate_limit();

void register_policies(gateway::Kinds& kinds) {
    kinds.policies.push_back(ip_access());
    kinds.policies.push_back(body_size());
    kinds.policies.push_back(anti_replay());
    kinds.policies.push_back(rate_limit());
    kinds.policies.push_back(circuit_breaker());
    kinds.policies.push_back(compress());
}

}  // namespace lintel::policies
