// Projects as they are shown and written about. Private to management.
#pragma once

#include "management/projects.h"
#include "management/steps.h"

namespace lintel::management {

Subject subject_of(const model::Project& project);
Result<ProjectView> view_project(store::Transaction& tx, const Caller& caller,
                                 const model::Project& project);

}  // namespace lintel::management
