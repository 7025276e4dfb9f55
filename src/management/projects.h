// Projects and who belongs to them. A project is named by id or name, a user too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/account.h"
#include "model/place.h"

namespace lintel::management {

/// A project as one caller sees it.
struct ProjectView {
    model::Project project = {};
    Role role = Role::User;                    ///< of the caller
    std::vector<Permission> permissions = {};  ///< of the caller
    std::vector<std::string> admins = {};      ///< names of three of them at most
};
data::Json to_json(const ProjectView& view);

/// Those the caller sees, oldest first.
Result<Page<ProjectView>> list_projects(Management& m, const Caller& caller,
                                        const PageRequest& page);
/// The first 500 of them, for whatever token: who asks what he may do is told.
Result<std::vector<ProjectView>> projects_of(Management& m, const Caller& caller);
Result<ProjectView> show_project(Management& m, const Caller& caller, const std::string& project);
Result<Written<ProjectView>> create_project(Management& m, const Caller& caller,
                                            const std::string& name,
                                            const std::string& description);

struct ProjectEdit {
    std::optional<std::string> name = {};
    std::optional<std::string> description = {};
};
/// The default project keeps its name.
Result<Written<ProjectView>> edit_project(Management& m, const Caller& caller,
                                          const std::string& project, const ProjectEdit& edit,
                                          ExpectedVersion expected);
/// With everything in it, for ever. Refused for the default one and while a service in it runs.
Result<Written<model::Project>> delete_project(Management& m, const Caller& caller,
                                               const std::string& project,
                                               ExpectedVersion expected);

/// Members change with their project: its version is theirs.
template <typename Value>
struct OfProject {
    Value value;
    std::int64_t project_version = 1;
};

/// By name. Of the default project: those who may do more there than everybody.
Result<OfProject<Page<model::Membership>>> list_members(Management& m, const Caller& caller,
                                                        const std::string& project,
                                                        const PageRequest& page);

struct MemberRef {
    std::string project = {};
    std::string user = {};
};
Result<OfProject<model::Membership>> show_member(Management& m, const Caller& caller,
                                                 const MemberRef& ref);

struct MemberGrade {
    model::ProjectRole role = model::ProjectRole::Member;
    model::MemberPermission permission = model::MemberPermission::Read;
};
/// Adds or changes. Only a system administrator appoints and dismisses administrators.
Result<OfProject<model::Membership>> put_member(Management& m, const Caller& caller,
                                                const MemberRef& ref, const MemberGrade& grade,
                                                ExpectedVersion expected);
/// From the default project nobody goes; what is left there is what everybody may do.
Status remove_member(Management& m, const Caller& caller, const MemberRef& ref,
                     ExpectedVersion expected);

}  // namespace lintel::management
