// Who works with the management API: users, their tokens, and the record of what they did.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "data/json.h"
#include "model/ids.h"

namespace lintel::model {

/// One role for now; permissions are named, and tokens restrict to some of them.
enum class Role { Administrator };
std::string_view name(Role role);  ///< "administrator"

struct User {
    UserId id = {};         ///< "usr_..."
    std::string name = {};  ///< what one logs in with; unique in the installation, in lower case
    Role role = Role::Administrator;
    bool enabled = true;
    std::string password_hash = {};  ///< Argon2id, PHC string; never leaves management
    TimeMs created_at = 0;
};

/// A bearer token of a user. Only its SHA-256 is stored.
struct ApiToken {
    enum class Kind { Api, Session };
    ApiTokenId id = {};  ///< "tok_..."
    UserId user_id = {};
    Kind kind = Kind::Api;  ///< Session: made by a login, short-lived
    std::string name = {};
    std::string sha256 = {};                    ///< hexadecimal, of the whole token text
    std::vector<std::string> permissions = {};  ///< empty: everything the user may do
    TimeMs created_at = 0;
    TimeMs expires_at = 0;
};

/// Who did what, when. Written in the transaction of the change itself; secrets are masked before
/// they get here.
struct AuditEvent {
    AuditEventId id = {};  ///< "aud_..."
    TimeMs at = 0;
    std::string actor = {};     ///< name of the user
    std::string token_id = {};  ///< the token used; empty for the command line
    std::string remote = {};    ///< address of the client
    std::string request_id = {};
    std::string action = {};       ///< "service.publish"
    std::string object_type = {};  ///< "service"
    std::string object_id = {};
    std::string object_name = {};
    std::string result = "succeeded";
    data::Json before = nullptr;
    data::Json after = nullptr;
};

/// Without the password hash.
data::Json to_json(const User& user);
/// Without the hash of the token.
data::Json to_json(const ApiToken& token);
data::Json to_json(const AuditEvent& event);

}  // namespace lintel::model
