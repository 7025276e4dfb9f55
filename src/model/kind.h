// What management knows of a plugin: its name, where it belongs and the schema of its config. The
// app takes these from the plugins' own tables and passes them in, so management never includes a
// plugin.
#pragma once

#include <string>

#include "data/json.h"

namespace lintel::model {

enum class Family { Policy, Auth, Backend };

struct KindInfo {
    Family family = Family::Policy;
    std::string name = {};   ///< "rate_limit"
    std::string phase = {};  ///< "limit"
    data::Json schema = {};  ///< JSON Schema of the config
};

}  // namespace lintel::model
