#include "management/upstream_rules.h"

#include <algorithm>
#include <set>

namespace lintel::management {

namespace {

constexpr std::string_view kReferredAs = "upstream";

bool uses(const Management& m, const model::ServiceDefinition& definition,
          const std::string& name) {
    return std::ranges::any_of(
        m.kinds.references(definition, kReferredAs),
        [&](const Kinds::Reference& reference) { return reference.name == name; });
}

}  // namespace

Subject subject_of(const model::Upstream& upstream) {
    return {.type = "upstream", .id = upstream.id.str(), .name = upstream.name};
}

Result<model::Upstream> load_upstream(store::Transaction& tx, const Caller& caller,
                                      const std::string& id_or_name, ExpectedVersion expected) {
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(std::optional<model::Upstream> upstream,
                     tx.upstreams().find(gateway.id, id_or_name));
    if (!upstream) { return fail(Code::NotFound, "There is no upstream '" + id_or_name + "'."); }
    RETURN_IF_ERROR(require_version(upstream->version, expected));
    return *std::move(upstream);
}

Status check_upstream(Management& m, const model::Upstream& upstream) {
    std::vector<Fault> faults;
    model::check(upstream, faults);
    if (faults.empty()) {
        if (Status usable = m.publisher.check(upstream); !usable) {
            faults = std::move(usable.error().faults);
        }
    }
    return faults.empty() ? Status{} : fail(invalid_fields(std::move(faults)));
}

Status check_references(Management& m, store::Transaction& tx, const model::GatewayId& gateway,
                        const model::ServiceDefinition& definition, std::vector<Fault>& faults) {
    for (const Kinds::Reference& reference : m.kinds.references(definition, kReferredAs)) {
        ASSIGN_OR_RETURN(const auto upstream, tx.upstreams().find(gateway, reference.name));
        if (upstream && upstream->name == reference.name) { continue; }
        faults.push_back(
            {reference.pointer, "upstream.unknown",
             "names the upstream '" + reference.name + "', which does not exist; create it first"});
    }
    return {};
}

Status require_unused(Management& m, store::Transaction& tx, const model::Upstream& upstream) {
    ASSIGN_OR_RETURN(const std::vector<store::DefinitionRow> definitions,
                     tx.services().definitions_with(upstream.gateway_id, upstream.name));
    std::set<std::string> users;
    for (const store::DefinitionRow& row : definitions) {
        if (uses(m, row.definition, upstream.name)) { users.insert(row.service_code); }
    }
    if (users.empty()) { return {}; }
    std::string named;
    int count = 0;
    for (const std::string& code : users) {
        if (count++ == kMaxNamedServices) { break; }
        named += (named.empty() ? "" : ", ") + code;
    }
    return fail(Code::StateConflict, "The upstream '" + upstream.name +
                                         "' is used by the draft or a deployed release "
                                         "of " +
                                         std::to_string(users.size()) + " service(s) (" + named +
                                         "); give their APIs another backend first.");
}

}  // namespace lintel::management
