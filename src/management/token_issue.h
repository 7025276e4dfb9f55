// Making and storing a token; shared by log-in, set-up and token creation. Private to management.
#pragma once

#include "management/accounts.h"
#include "store/store.h"

namespace lintel::management {

struct TokenPlan {
    model::ApiToken::Kind kind = model::ApiToken::Kind::Session;
    std::string name;
    std::vector<std::string> permissions;
    std::vector<model::ProjectId> projects;
    std::chrono::seconds life{};
};
/// Adds the token to the store; its text is in the answer only.
Result<IssuedToken> issue_token(Management& m, store::Transaction& tx, const model::User& user,
                                const TokenPlan& plan);
/// The session of somebody who just proved who he is.
Result<IssuedToken> open_session(Management& m, store::Transaction& tx, const model::User& user);

/// How tokens are found: the hexadecimal SHA-256 of their text.
std::string token_sha256(std::string_view text);

}  // namespace lintel::management
