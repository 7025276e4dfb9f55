// Who asks for a use case: the user behind a token, or the operator at the command line. Here is
// decided what a caller may do, and nowhere else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "management/access_rights.h"
#include "management/permission.h"
#include "model/account.h"
#include "model/place.h"
#include "model/service.h"

namespace lintel::management {

/// What the transport knows about a request; it ends up in the audit.
struct ClientInfo {
    std::string remote;  ///< address of the client
    std::string request_id;
    std::string gateway{model::kDefaultGateway};  ///< code of the one that is addressed
    std::string service = {};                     ///< what the path names, as it stands there
    std::string project = {};                     ///< the same
};

/// Role: the identity a use case runs as. A value; made by authenticate() for one request, or by
/// at_command_line().
class Caller {
public:
    /// `memberships`: what the user is in each project, the default one included. `rights`: what is
    /// attached to the user.
    Caller(model::User user, model::ApiToken token, std::vector<model::Membership> memberships,
           ClientInfo client, AccessRights rights = {});
    /// The operator who runs `lintel admin create` and the like on the store itself: may do
    /// everything.
    static Caller at_command_line();

    /// PermissionDenied, naming the permission that is missing. A permission of projects is meant
    /// in all of them.
    Status require(Permission permission) const;
    /// The same in one project. Call it only when the caller sees the project.
    Status require(Permission permission, const model::ProjectId& project) const;
    /// The same for one service.
    Status require(Permission permission, const model::Service& service) const;
    /// PermissionDenied when it would be refused for every object there is or could be.
    Status require_somewhere(Permission permission) const;

    /// Whether the project, and what is in it, exists for this caller.
    bool sees(const model::ProjectId& project) const;
    bool sees(const model::Service& service) const;
    /// The projects this caller sees; absent: all there are.
    std::optional<std::vector<model::ProjectId>> visible_projects() const;
    /// Services in other projects that this caller sees.
    std::vector<model::ServiceId> visible_services() const { return rights_.opened_services(); }
    /// Whether this caller may do everything there is, but for what is denied to it.
    bool is_system_admin() const { return role() == Role::SystemAdmin; }
    /// What this caller may do, whatever the project.
    std::vector<Permission> permissions() const;
    /// What this caller may do in a project.
    std::vector<Permission> permissions_in(const model::ProjectId& project) const;
    Role role_in(const model::ProjectId& project) const;

    /// The one that is addressed; there is nothing beside it for this caller.
    const model::Gateway& gateway() const { return gateway_; }
    void enter(model::Gateway gateway) { gateway_ = std::move(gateway); }

    const model::User& user() const { return user_; }
    const model::ApiToken& token() const { return token_; }
    const ClientInfo& client() const { return client_; }
    const std::string& name() const { return user_.name; }

private:
    Caller() = default;

    Role role() const;
    bool is_covered(const model::ProjectId& project) const;
    Status require_as(Permission permission, Role role, const AccessPlace& place) const;

    model::User user_;
    model::ApiToken token_;
    std::vector<model::Membership> memberships_;
    ClientInfo client_;
    AccessRights rights_;
    model::Gateway gateway_;
};

}  // namespace lintel::management
