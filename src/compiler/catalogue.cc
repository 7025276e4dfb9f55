#include "compiler/catalogue.h"

#include <algorithm>
#include <string>
#include <utility>

namespace lintel::compiler {

namespace {

template <typename Kind>
Status add_all(const std::vector<Kind>& kinds, std::vector<CheckedKind<Kind>>& checked) {
    for (const Kind& kind : kinds) {
        const Result<data::Json> text = data::parse_json(kind.schema);
        if (!text) {
            return fail(Code::StartFailed,
                        "The schema of '" + std::string(kind.name) + "' is not JSON.",
                        text.error().message);
        }
        Result<std::shared_ptr<const data::Schema>> schema =
            data::Schema::compile(*text, {.dialect = data::Dialect::Draft7});
        if (!schema) {
            return fail(Code::StartFailed,
                        "The schema of '" + std::string(kind.name) + "' is broken.",
                        schema.error().message);
        }
        checked.push_back({kind, *std::move(schema)});
    }
    return {};
}

template <typename Kind>
const CheckedKind<Kind>* find_kind(const std::vector<CheckedKind<Kind>>& kinds,
                                   std::string_view name) {
    const auto found = std::ranges::find_if(
        kinds, [&](const CheckedKind<Kind>& checked) { return checked.kind.name == name; });
    return found == kinds.end() ? nullptr : &*found;
}

/// A kind that builds nothing would let everybody through.
template <typename Kind>
Status check_builds(const std::vector<Kind>& kinds) {
    for (const Kind& kind : kinds) {
        if (kind.build == nullptr && kind.name != "none") {
            return fail(Code::StartFailed,
                        "The plugin '" + std::string(kind.name) + "' has no build function.");
        }
    }
    return {};
}

Status check_phases(const std::vector<gateway::PolicyKind>& policies) {
    for (const gateway::PolicyKind& policy : policies) {
        if (!gateway::runs_policies(policy.phase)) {
            return fail(Code::StartFailed, "The policy '" + std::string(policy.name) +
                                               "' names a phase that runs no policies.");
        }
    }
    return {};
}

}  // namespace

Result<Catalogue> Catalogue::build(const gateway::Kinds& kinds) {
    RETURN_IF_ERROR(check_builds(kinds.policies));
    RETURN_IF_ERROR(check_builds(kinds.auths));
    RETURN_IF_ERROR(check_builds(kinds.backends));
    RETURN_IF_ERROR(check_phases(kinds.policies));
    Catalogue catalogue;
    RETURN_IF_ERROR(add_all(kinds.policies, catalogue.policies_));
    RETURN_IF_ERROR(add_all(kinds.auths, catalogue.auths_));
    RETURN_IF_ERROR(add_all(kinds.backends, catalogue.backends_));
    return catalogue;
}

const CheckedKind<gateway::PolicyKind>* Catalogue::policy(std::string_view name) const {
    return find_kind(policies_, name);
}
const CheckedKind<gateway::AuthKind>* Catalogue::auth(std::string_view name) const {
    return find_kind(auths_, name);
}
const CheckedKind<gateway::BackendKind>* Catalogue::backend(std::string_view name) const {
    return find_kind(backends_, name);
}

}  // namespace lintel::compiler
