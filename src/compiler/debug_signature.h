// Proves a credential in a debug request, as a client who holds it would.
#pragma once

#include "base/clock.h"
#include "gateway/credential.h"
#include "gateway/debug_call.h"
#include "gateway/route.h"
#include "gateway/token.h"

namespace lintel::compiler {

struct Signing {
    const gateway::CompiledService& service;  ///< with one route: the one that is called
    const gateway::Credential& credential;
    const gateway::TokenSealer& tokens;
};

/// Adds the fields that the auth method of the route asks for, in place of any the request has
/// under the same names. One without callers adds nothing.
void sign(const Signing& signing, TimeMs now, gateway::DebugRequest& request);

}  // namespace lintel::compiler
