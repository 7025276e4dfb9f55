// Who asks for a use case: the user behind a token, or the operator at the command line.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "management/permission.h"
#include "model/account.h"

namespace lintel::management {

/// What the transport knows about a request; it ends up in the audit.
struct ClientInfo {
    std::string remote;  ///< address of the client
    std::string request_id;
};

/// Role: the identity a use case runs as. A value; made by authenticate() for one request, or by
/// at_command_line().
class Caller {
public:
    Caller(model::User user, model::ApiToken token, ClientInfo client);
    /// The operator who runs `lintel admin create` and the like on the store itself: may do
    /// everything.
    static Caller at_command_line();

    /// PermissionDenied, naming the permission that is missing.
    Status require(Permission permission) const;
    /// What this caller may do: the permissions of the role, cut down to those of the token.
    std::vector<Permission> permissions() const;
    /// Whether this caller holds every permission of its role.
    bool is_unrestricted() const { return token_.permissions.empty(); }

    const model::User& user() const { return user_; }
    const model::ApiToken& token() const { return token_; }
    const ClientInfo& client() const { return client_; }
    const std::string& name() const { return user_.name; }

private:
    Caller() = default;

    model::User user_;
    model::ApiToken token_;
    ClientInfo client_;
};

}  // namespace lintel::management
