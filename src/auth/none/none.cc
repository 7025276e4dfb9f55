// No authentication: nothing runs, and whatever the caller sends as credentials goes to the
// backend.
#include "embedded/none_schema_json.h"
#include "gateway/plugin.h"

namespace lintel::auth {

gateway::AuthKind none();

gateway::AuthKind none() {
    return {.name = "none", .schema = embedded::none_schema_json, .build = nullptr};
}

}  // namespace lintel::auth
