#include "management/caller.h"

#include <algorithm>

namespace lintel::management {

Caller::Caller(model::User user, model::ApiToken token, ClientInfo client)
    : user_(std::move(user)), token_(std::move(token)), client_(std::move(client)) {}

Caller Caller::at_command_line() {
    Caller caller;
    caller.user_.name = "command line";
    return caller;
}

Status Caller::require(Permission permission) const {
    const std::string_view wanted = management::name(permission);
    if (is_unrestricted() ||
        std::ranges::find(token_.permissions, wanted) != token_.permissions.end()) {
        return {};
    }
    return fail(Code::PermissionDenied, "This needs the permission '" + std::string(wanted) +
                                            "', which the token '" + token_.name +
                                            "' does not carry.");
}

std::vector<Permission> Caller::permissions() const {
    std::vector<Permission> held;
    for (const Permission permission : all_permissions()) {
        if (require(permission)) { held.push_back(permission); }
    }
    return held;
}

}  // namespace lintel::management
