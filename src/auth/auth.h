// How callers may prove who they are: the catalogue of authenticators, and the address that hands
// out OAuth2 access tokens.
#pragma once

#include <memory>

#include "base/clock.h"
#include "gateway/plugin.h"
#include "gateway/reserved_endpoint.h"

namespace lintel::auth {

/// Adds every authenticator, in the order of the catalogue.
void register_auths(gateway::Kinds& kinds);

/// "{call base}/-/oauth2/token": access tokens for OAuth2 key pairs, by GET with the pair in the
/// query and by POST as RFC 6749 section 4.4 has it. Both references outlive the endpoint.
std::unique_ptr<const gateway::ReservedEndpoint> token_endpoint(const gateway::TokenSealer& tokens,
                                                                const Clock& clock);

}  // namespace lintel::auth
