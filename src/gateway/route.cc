#include "gateway/route.h"

#include <algorithm>
#include <utility>

namespace lintel::gateway {

void RoutePolicies::add(Phase phase, const Policy& policy) {
    switch (phase) {
        case Phase::Access: return access.push_back(&policy);
        case Phase::Authorize: return authorize.push_back(&policy);
        case Phase::Limit: return limit.push_back(&policy);
        case Phase::Backend: return backend.push_back(&policy);
        case Phase::TransformResponse: return response.push_back(&policy);
        default: std::unreachable();
    }
}

Route::Route(const RouteNames& called) : names(called) {
    // The id last: few calls look at it.
    const std::array all{&names.path, &names.method, &names.api_name, &names.api_id};
    std::size_t size = 0;
    for (const std::string_view* name : all) {
        size += name->size();
    }
    if (size > short_names_.size()) { long_names_ = std::make_unique<char[]>(size); }
    char* at = long_names_ ? long_names_.get() : short_names_.data();
    for (std::string_view* name : all) {
        char* const begin = at;
        at = std::ranges::copy(*name, at).out;
        *name = {begin, at};
    }
}

void Route::add_policy(Phase phase, std::unique_ptr<const Policy> policy) {
    if (own_policies_ == nullptr) {
        own_policies_ = std::make_unique<OwnPolicies>();
        own_policies_->with_those_before = *policies;
        policies = &own_policies_->with_those_before;
    }
    own_policies_->with_those_before.add(phase, *policy);
    own_policies_->policies.push_back(std::move(policy));
}

}  // namespace lintel::gateway
