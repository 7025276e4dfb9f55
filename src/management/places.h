// Environments and service groups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/place.h"

namespace lintel::management {

Result<std::vector<model::Environment>> list_environments(Management& m, const Caller& caller);
Result<model::Environment> show_environment(Management& m, const Caller& caller,
                                            const std::string& code);
Result<Written<model::Environment>> create_environment(Management& m, const Caller& caller,
                                                       const std::string& code,
                                                       const std::string& name);

struct EnvironmentEdit {
    std::optional<std::string> name = {};
    std::optional<model::EnvironmentStatus> status = {};  ///< suspended: takes no further releases
};
Result<Written<model::Environment>> edit_environment(Management& m, const Caller& caller,
                                                     const std::string& code,
                                                     const EnvironmentEdit& edit,
                                                     ExpectedVersion expected);
/// Refused while something runs in it; stopped deployments in it go too.
Result<Written<model::Environment>> delete_environment(Management& m, const Caller& caller,
                                                       const std::string& code,
                                                       ExpectedVersion expected);

/// `project`: its id or name; absent: the default one.
Result<std::vector<model::Group>> list_groups(Management& m, const Caller& caller,
                                              const std::optional<std::string>& project);
Result<Written<model::Group>> create_group(Management& m, const Caller& caller,
                                           const std::optional<std::string>& project,
                                           const std::string& name);
/// Its services move to the default group, which stays. `group` is its id or name.
Result<Written<model::Group>> delete_group(Management& m, const Caller& caller,
                                           const std::optional<std::string>& project,
                                           const std::string& group);

}  // namespace lintel::management
