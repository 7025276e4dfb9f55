#include "admin/bindings.h"

#include <fmt/core.h>

#include <set>

namespace lintel::admin {

std::vector<Binding> all_bindings() {
    std::vector<Binding> all;
    for (const auto& list :
         {access_bindings(), user_bindings(), access_policy_bindings(), gateway_bindings(),
          project_bindings(), service_bindings(), api_bindings(), release_bindings(),
          debug_bindings(), credential_bindings(), grant_bindings(), application_bindings(),
          catalog_bindings(), place_bindings(), domain_bindings(), upstream_bindings(),
          webhook_bindings(), system_bindings()}) {
        all.insert(all.end(), list.begin(), list.end());
    }
    return all;
}

std::vector<std::string> orphans(const Contract& contract, const std::vector<Binding>& bindings) {
    std::vector<std::string> sentences;
    std::set<std::string_view> bound;
    for (const Binding& binding : bindings) {
        if (!bound.insert(binding.operation_id).second) {
            sentences.push_back(fmt::format("'{}' is bound twice", binding.operation_id));
        }
        if (contract.find(binding.operation_id) == nullptr) {
            sentences.push_back(
                fmt::format("'{}' is bound, but api/management.yaml has no such operationId",
                            binding.operation_id));
        }
    }
    for (const Operation& operation : contract.operations()) {
        if (!bound.contains(operation.id)) {
            sentences.push_back(fmt::format(
                "operation '{}' of api/management.yaml is bound to nothing", operation.id));
        }
    }
    return sentences;
}

}  // namespace lintel::admin
