// Making and storing a token; shared by log-in, set-up and token creation. Private to management.
#pragma once

#include "management/accounts.h"
#include "store/store.h"

namespace lintel::management {

struct TokenPlan {
    model::ApiToken::Kind kind = model::ApiToken::Kind::Session;
    std::string name;
    std::vector<std::string> permissions;
    std::chrono::seconds life{};
};
/// Adds the token to the store; its text is in the answer only.
Result<IssuedToken> issue_token(Management& m, store::Transaction& tx, const model::User& user,
                                const TokenPlan& plan);
/// The session of somebody who just proved who he is.
Result<IssuedToken> open_session(Management& m, store::Transaction& tx, const model::User& user);

/// How tokens are found: the hexadecimal SHA-256 of their text.
std::string token_sha256(std::string_view text);

/// FieldInvalid unless name and password are acceptable; the name comes back in lower case.
Result<std::string> check_account(const std::string& name, const Secret& password);

}  // namespace lintel::management
