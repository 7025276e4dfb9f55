// Set-up, log-in and tokens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "management/management.h"
#include "model/account.h"

namespace lintel::management {

/// A token that was just made; its text is not stored and cannot be had again.
struct IssuedToken {
    Secret text = {};  ///< "lt_..."
    model::ApiToken token = {};
    model::User user = {};
};

/// Whether nobody can log in yet.
Result<bool> needs_setup(Management& m);
/// The first administrator, by the one-time code printed at start. SetupDone when there is one
/// already.
Result<IssuedToken> set_up(Management& m, std::string_view code, const std::string& name,
                           const Secret& password, const ClientInfo& client);
/// By a system administrator, or with Caller::at_command_line(). The first one is root.
Result<model::User> create_administrator(Management& m, const Caller& caller,
                                         const std::string& name, const Secret& password);

/// Takes the same time whether the user exists or not. LoginFailed, LoginLimited.
Result<IssuedToken> log_in(Management& m, const std::string& name, const Secret& password,
                           const ClientInfo& client);
/// Revokes the token the caller came with.
Status log_out(Management& m, const Caller& caller);
/// From the text of a bearer token to the caller. Unauthenticated when it is malformed, unknown or
/// expired; NotFound when the gateway addressed is not there for the caller.
Result<Caller> authenticate(Management& m, std::string_view token, const ClientInfo& client);

struct NewToken {
    std::string name = {};
    std::vector<std::string> permissions = {};  ///< names; empty: all the user's
    std::vector<std::string> projects = {};     ///< ids or names; empty: all the user's
    std::optional<std::chrono::seconds> life = {};
    std::optional<std::string> user = {};  ///< absent: the caller; at the command line: required
};
/// A token cannot give away more than its maker holds.
Result<IssuedToken> create_token(Management& m, const Caller& caller, const NewToken& request);
/// The caller's own, newest first.
Result<Page<model::ApiToken>> list_tokens(Management& m, const Caller& caller,
                                          const PageRequest& page);
Result<model::ApiToken> revoke_token(Management& m, const Caller& caller,
                                     const model::ApiTokenId& id);

}  // namespace lintel::management
