// Applications to launch a service, to remove it from the catalog, and to subscribe to one. System
// administrators and those of the service's project decide; the first decision holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/application.h"
#include "model/listing.h"

namespace lintel::management {

/// What a decision touches, as long as there is one to make.
struct Impact {
    std::int64_t subscribers = 0;           ///< approved subscriptions of the service
    std::vector<std::string> environments;  ///< codes of those it runs in
    std::int64_t calls_last_hour = 0;       ///< of the service
};

struct ApplicationView {
    model::Application application;
    bool may_decide = false;            ///< the caller, now
    std::optional<Impact> impact = {};  ///< when one is shown that the caller may decide
};
data::Json to_json(const ApplicationView& view);

/// Where a service stands on the shelf.
struct ListingView {
    model::Listing listing;
    std::int64_t subscribers = 0;                  ///< approved subscriptions
    std::optional<std::int64_t> application = {};  ///< number of the one that is pending
};
data::Json to_json(const ListingView& view);
Result<ListingView> show_listing(Management& m, const Caller& caller, const std::string& service);

struct ListingRequest {
    std::string service = {};
    model::ApplicationType type = model::ApplicationType::Launch;  ///< or Remove
    std::string reason = {};
    bool end_subscriptions = false;  ///< with Remove: the existing ones end, too
};
/// Launch: only a running service. ListingConflict where the shelf does not allow it.
Result<model::Application> apply_for_listing(Management& m, const Caller& caller,
                                             const ListingRequest& request);

struct ApplicationFilter {
    bool to_review = false;  ///< what the caller may decide or could have; else what he submitted
    std::optional<model::ApplicationType> type = {};
    std::optional<model::ApplicationStatus> status = {};
    std::optional<std::string> service = {};    ///< id or code
    std::optional<std::string> project = {};    ///< id or name
    std::optional<std::string> applicant = {};  ///< name of the user
};
/// Newest first. Who reviews nothing gets an empty list.
Result<Page<ApplicationView>> list_applications(Management& m, const Caller& caller,
                                                const ApplicationFilter& filter,
                                                const PageRequest& page);
/// NotFound for who neither submitted it nor reviews it.
Result<ApplicationView> show_application(Management& m, const Caller& caller, std::int64_t number);

struct Decision {
    std::int64_t number = 0;
    bool approves = false;
    std::string comment = {};  ///< a rejection needs one
};
/// Takes effect at once. ApplicationDecided when somebody was faster.
Result<Written<model::Application>> decide_application(Management& m, const Caller& caller,
                                                       const Decision& decision);
/// By the applicant, while it is pending.
Result<model::Application> withdraw_application(Management& m, const Caller& caller,
                                                std::int64_t number);

}  // namespace lintel::management
