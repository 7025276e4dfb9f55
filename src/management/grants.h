// Direct grants: the provider of a service lets a credential of some user call single APIs, without
// an application. Every change takes effect at once, without a publish.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/credential.h"
#include "store/grants.h"

namespace lintel::management {

struct GrantView {
    store::GrantRow row;
    std::string api_name = {};  ///< empty: no draft and no deployed release has the API
    std::vector<std::string> environments = {};  ///< codes; empty: every environment
};
data::Json to_json(const GrantView& view);

struct NewGrant {
    std::string service = {};
    model::CredentialId credential = {};  ///< a subscription credential of anybody in the gateway
    model::ApiId api = {};
    std::vector<std::string> environments = {};  ///< codes; empty: every environment
    std::optional<TimeMs> expires_at = {};       ///< absent: never
};
/// GrantExists when the credential has one for the API in one of the environments, expired or not.
Result<Written<GrantView>> create_grant(Management& m, const Caller& caller,
                                        const NewGrant& request);

/// `grant` is its id.
struct GrantRef {
    std::string service = {};
    model::GrantId grant = {};
};
Result<GrantView> show_grant(Management& m, const Caller& caller, const GrantRef& ref);
/// Absent: it never expires.
Result<Written<GrantView>> set_grant_expiry(Management& m, const Caller& caller,
                                            const GrantRef& ref,
                                            const std::optional<TimeMs>& expires_at,
                                            ExpectedVersion expected);
Result<Written<GrantView>> revoke_grant(Management& m, const Caller& caller, const GrantRef& ref,
                                        ExpectedVersion expected);

struct GrantFilter {
    std::string service = {};             ///< for its project; or else
    model::CredentialId credential = {};  ///< that the caller may see
};
Result<Page<GrantView>> list_grants(Management& m, const Caller& caller, const GrantFilter& filter,
                                    const PageRequest& page);

}  // namespace lintel::management
