#include "model/account.h"

namespace lintel::model {

std::string_view name(Role role) {
    switch (role) {
        case Role::Administrator: break;
    }
    return "administrator";
}

data::Json to_json(const User& user) {
    return {{"id", user.id.str()},
            {"name", user.name},
            {"role", std::string(name(user.role))},
            {"enabled", user.enabled},
            {"created_at", to_rfc3339(user.created_at)}};
}

data::Json to_json(const ApiToken& token) {
    return {{"id", token.id.str()},
            {"kind", token.kind == ApiToken::Kind::Session ? "session" : "api"},
            {"name", token.name},
            {"permissions", token.permissions},
            {"created_at", to_rfc3339(token.created_at)},
            {"expires_at", to_rfc3339(token.expires_at)}};
}

data::Json to_json(const AuditEvent& event) {
    return {{"id", event.id.str()},         {"at", to_rfc3339(event.at)},
            {"actor", event.actor},         {"token_id", event.token_id},
            {"remote", event.remote},       {"request_id", event.request_id},
            {"action", event.action},       {"object_type", event.object_type},
            {"object_id", event.object_id}, {"object_name", event.object_name},
            {"result", event.result},       {"before", event.before},
            {"after", event.after}};
}

}  // namespace lintel::model
