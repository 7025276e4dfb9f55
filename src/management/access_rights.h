// Access policies as they are asked: which permissions they give or take, and where.
#pragma once

#include <string_view>
#include <vector>

#include "management/permission.h"
#include "model/access_policy.h"

namespace lintel::management {

/// Where a permission is asked for. A service lies in its project.
struct AccessPlace {
    enum class Reach {
        One,        ///< in the project named, and for the service if one is
        All,        ///< in all there are and could be
        Somewhere,  ///< in any one there could be
    };
    Reach reach = Reach::All;
    const model::ProjectId* project = nullptr;
    const model::ServiceId* service = nullptr;
};

/// The permissions an action stands for: "lintel:service:publish", "lintel:*:read". None: it names
/// no permission.
std::vector<Permission> permissions_of_action(std::string_view action);

/// Role: everything that is attached to one user. A value.
class AccessRights {
public:
    AccessRights() = default;
    explicit AccessRights(const std::vector<model::AccessPolicy>& policies);

    bool denies(Permission permission, const AccessPlace& place) const;
    bool allows(Permission permission, const AccessPlace& place) const;
    /// Whether something is allowed in the project itself, or for all projects.
    bool opens(const model::ProjectId& project) const;
    bool opens(const model::ServiceId& service) const;
    bool opens_all_projects() const;
    /// The projects, and the services beside them, in which something is allowed.
    std::vector<model::ProjectId> opened_projects() const;
    std::vector<model::ServiceId> opened_services() const;

private:
    struct Right {
        model::Effect effect;
        std::vector<Permission> permissions;
        bool is_of_projects;  ///< at least one of the permissions
        bool everywhere = false;
        std::vector<model::ProjectId> projects = {};
        std::vector<model::ServiceId> services = {};

        bool names(const AccessPlace& place) const;
    };
    static bool holds(const Right& right, Permission permission);

    std::vector<Right> rights_;
};

inline constexpr std::string_view kProjectResource = "project:";
inline constexpr std::string_view kServiceResource = "service:";

}  // namespace lintel::management
