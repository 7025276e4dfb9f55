#include "backends/backends.h"

namespace lintel::backends {

gateway::BackendKind mock();

std::vector<gateway::BackendKind> catalogue() {
    return {
        mock(),
    };
}

}  // namespace lintel::backends
