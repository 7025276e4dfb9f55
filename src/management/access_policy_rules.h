// What access policies are held to. Private to management.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "management/access_policies.h"
#include "management/steps.h"

namespace lintel::management {

/// Name, description and statements; every fault of them, with what they allow beyond what the
/// caller holds.
Result<model::AccessPolicy> read_content(store::Transaction& tx, const Caller& caller,
                                         const AccessPolicyContent& content);
/// The faults of one policy that lie in allowing more than the caller holds; pointers begin at the
/// array of statements.
Result<std::vector<Fault>> faults_beyond(store::Transaction& tx, const Caller& caller,
                                         const std::vector<model::AccessStatement>& statements);
/// By id or name, at the version expected; NotFound.
Result<model::AccessPolicy> load_access_policy(store::Transaction& tx,
                                               const std::string& id_or_name,
                                               ExpectedVersion expected);

}  // namespace lintel::management
