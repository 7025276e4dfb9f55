#include "app/catalogue.h"

#include <string>

#include "auth/auth.h"
#include "backends/backends.h"
#include "base/assert.h"
#include "policies/policies.h"

namespace lintel::app {

namespace {

data::Json schema_of(std::string_view text) {
    auto schema = data::parse_json(text);
    LINTEL_ASSERT(schema.has_value(), "the schema of a plugin is JSON");
    return *std::move(schema);
}

}  // namespace

gateway::Kinds catalogue() {
    gateway::Kinds kinds;
    policies::register_policies(kinds);
    auth::register_auths(kinds);
    backends::register_backends(kinds);
    return kinds;
}

std::vector<model::KindInfo> kind_infos(const gateway::Kinds& kinds) {
    std::vector<model::KindInfo> infos;
    for (const gateway::PolicyKind& kind : kinds.policies) {
        infos.push_back({.family = model::Family::Policy,
                         .name = std::string(kind.name),
                         .phase = std::string(gateway::name_of(kind.phase)),
                         .schema = schema_of(kind.schema)});
    }
    for (const gateway::AuthKind& kind : kinds.auths) {
        infos.push_back({.family = model::Family::Auth,
                         .name = std::string(kind.name),
                         .phase = std::string(gateway::name_of(gateway::Phase::Authenticate)),
                         .schema = schema_of(kind.schema)});
    }
    for (const gateway::BackendKind& kind : kinds.backends) {
        infos.push_back({.family = model::Family::Backend,
                         .name = std::string(kind.name),
                         .phase = std::string(gateway::name_of(gateway::Phase::Backend)),
                         .schema = schema_of(kind.schema)});
    }
    return infos;
}

}  // namespace lintel::app
