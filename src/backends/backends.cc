#include "backends/backends.h"

namespace lintel::backends {

gateway::BackendKind http();
gateway::BackendKind mock();

void register_backends(gateway::Kinds& kinds) {
    kinds.backends.push_back(http());
    kinds.backends.push_back(mock());
}

}  // namespace lintel::backends
