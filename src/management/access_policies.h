// Access policies: documents that give users more than their roles do, or take it from them. In
// force with the next request of whom they are attached to.
#pragma once

#include <string>
#include <vector>

#include "management/management.h"
#include "model/access_policy.h"

namespace lintel::management {

struct AccessPolicyContent {
    std::string name = {};
    std::string description = {};
    data::Json statements = data::Json::array();
};

/// By name.
Result<Page<model::AccessPolicy>> list_access_policies(Management& m, const Caller& caller,
                                                       const PageRequest& page);
/// By id or name, as everywhere here.
Result<model::AccessPolicy> show_access_policy(Management& m, const Caller& caller,
                                               const std::string& policy);
/// FieldInvalid with every fault at once; one is to allow what the caller does not hold.
Result<model::AccessPolicy> create_access_policy(Management& m, const Caller& caller,
                                                 const AccessPolicyContent& content);
Result<model::AccessPolicy> replace_access_policy(Management& m, const Caller& caller,
                                                  const std::string& policy,
                                                  const AccessPolicyContent& content,
                                                  ExpectedVersion expected);
/// Refused while it is attached to somebody.
Status delete_access_policy(Management& m, const Caller& caller, const std::string& policy,
                            ExpectedVersion expected);

/// What is attached to a user, and the version of the user it changes under.
struct AttachedPolicies {
    std::vector<model::AccessPolicy> policies = {};
    std::int64_t user_version = 1;
};
Result<AttachedPolicies> show_attached_policies(Management& m, const Caller& caller,
                                                const std::string& user);
/// Replaces what is attached. Nobody but root changes what is attached to oneself.
Result<AttachedPolicies> attach_policies(Management& m, const Caller& caller,
                                         const std::string& user,
                                         const std::vector<std::string>& policies,
                                         ExpectedVersion expected);
/// Of the caller.
Result<std::vector<model::AccessPolicy>> own_access_policies(Management& m, const Caller& caller);

}  // namespace lintel::management
