// What reading, giving and ending of direct grants share. Private to management.
#pragma once

#include <map>
#include <string>

#include "management/grants.h"
#include "management/steps.h"

namespace lintel::management {

/// The APIs that the draft or a deployed release of the service has, with their names: those of the
/// draft where both have one.
Result<std::map<model::ApiId, std::string>> living_apis(store::Transaction& tx,
                                                        const model::ServiceId& service);

/// Role: finds the names that grants are shown with, reading each service once. Lives as long as
/// its transaction.
class GrantViewer {
public:
    explicit GrantViewer(store::Transaction& tx) : tx_(tx) {}

    Result<GrantView> view(store::GrantRow row);

private:
    struct Names {
        std::map<model::ApiId, std::string> apis;
        std::map<model::EnvironmentId, std::string> environments;
    };
    Result<const Names*> names_of(const model::ServiceId& service);

    store::Transaction& tx_;
    std::map<model::ServiceId, Names> known_;
};

/// NotFound when the service has none with this id.
Result<store::GrantRow> load_grant(store::Transaction& tx, const Caller& caller,
                                   Permission permission, const GrantRef& ref);

/// Ends the grants for APIs that are not living any more. To be called where a draft or deployment
/// has changed.
Status end_grants_of_lost_apis(Management& m, store::Transaction& tx, const Caller& caller,
                               const model::Service& service);
/// Takes the environment out of the grants that name it; those that name no other end.
Status end_grants_in(Management& m, store::Transaction& tx, const Caller& caller,
                     const model::Environment& environment);

/// With the project of the service.
Result<Subject> subject_of(store::Transaction& tx, const store::GrantRow& row);

}  // namespace lintel::management
