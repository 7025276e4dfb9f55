// From operationId to use case: the table of contents of the management API.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/call.h"
#include "admin/contract.h"
#include "base/error.h"

namespace lintel::admin {

struct Binding {
    std::string_view operation_id;
    Result<Answer> (*run)(const Call& call);
};

/// One list per noun, each in its own file.
std::vector<Binding> access_bindings();
std::vector<Binding> user_bindings();
std::vector<Binding> access_policy_bindings();
std::vector<Binding> gateway_bindings();
std::vector<Binding> project_bindings();
std::vector<Binding> service_bindings();
std::vector<Binding> api_bindings();
std::vector<Binding> release_bindings();
std::vector<Binding> debug_bindings();
std::vector<Binding> credential_bindings();
std::vector<Binding> grant_bindings();
std::vector<Binding> application_bindings();
std::vector<Binding> catalog_bindings();
std::vector<Binding> place_bindings();
std::vector<Binding> domain_bindings();
std::vector<Binding> upstream_bindings();
std::vector<Binding> webhook_bindings();
std::vector<Binding> system_bindings();

std::vector<Binding> all_bindings();

/// Sentences about operations without a binding, bindings without an operation and things bound
/// twice. Empty: the contract is total.
std::vector<std::string> orphans(const Contract& contract, const std::vector<Binding>& bindings);

}  // namespace lintel::admin
