// Everything this binary can plug in, as the data plane and as management see it.
#pragma once

#include <vector>

#include "gateway/plugin.h"
#include "model/kind.h"

namespace lintel::app {

gateway::Kinds catalogue();
/// Names, phases and schemas, which is all that management knows of a plugin.
std::vector<model::KindInfo> kind_infos(const gateway::Kinds& kinds);

}  // namespace lintel::app
