// Who works with the management API: users, what they are in projects, their tokens, and the record
// of what they did.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "data/json.h"
#include "model/ids.h"

namespace lintel::model {

struct User {
    UserId id = {};         ///< "usr_..."
    std::string name = {};  ///< what one logs in with; unique in the installation, in lower case
    std::string display_name = {};
    std::string email = {};
    bool is_system_admin = false;
    bool is_root = false;  ///< the first administrator: stays an enabled one for ever
    bool enabled = true;
    bool mail_notifications = true;  ///< whether mails about applications are sent to it
    std::string password_hash = {};  ///< Argon2id, PHC string; never leaves management
    std::int64_t version = 1;
    TimeMs created_at = 0;
};

enum class ProjectRole { Admin, Member };
std::string_view name(ProjectRole role);  ///< "admin", "member"
std::optional<ProjectRole> parse_project_role(std::string_view text);

/// What a member may do; an administrator of the project may do all of it anyway.
enum class MemberPermission { Read, Edit, EditPublish };
std::string_view name(MemberPermission permission);  ///< "read", "edit", "edit_publish"
std::optional<MemberPermission> parse_member_permission(std::string_view text);

/// What a user is in a project.
struct Membership {
    ProjectId project_id = {};
    UserId user_id = {};
    std::string user_name = {};     ///< of the user, for showing; not stored here
    std::string display_name = {};  ///< of the user, too
    ProjectRole role = ProjectRole::Member;
    MemberPermission permission = MemberPermission::Read;
    TimeMs created_at = 0;
    std::string created_by = {};
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
    std::vector<ProjectId> projects = {};       ///< empty: in all projects of the user
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
    ProjectId project_id = {};         ///< the object lies in; empty: in none
    std::string result = "succeeded";  ///< or "refused"
    data::Json before = nullptr;
    data::Json after = nullptr;
};

/// Without the password hash.
data::Json to_json(const User& user);
data::Json to_json(const Membership& membership);
/// Without the hash of the token.
data::Json to_json(const ApiToken& token);
data::Json to_json(const AuditEvent& event);

}  // namespace lintel::model
