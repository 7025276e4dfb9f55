#include "auth/auth.h"

namespace lintel::auth {

gateway::AuthKind none();
gateway::AuthKind basic();
gateway::AuthKind oauth2();
gateway::AuthKind hmac();

void register_auths(gateway::Kinds& kinds) {
    kinds.auths.push_back(none());
    kinds.auths.push_back(basic());
    kinds.auths.push_back(oauth2());
    kinds.auths.push_back(hmac());
}

}  // namespace lintel::auth
