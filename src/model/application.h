// An application: somebody asks for a service to go onto the shelf or off it, or for a
// subscription; one reviewer decides.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "data/json.h"
#include "model/ids.h"
#include "model/transition.h"

namespace lintel::model {

enum class ApplicationType : std::uint8_t { Launch, Remove, Subscribe };
std::string_view name(ApplicationType type);  ///< "launch", "remove", "subscribe"
std::optional<ApplicationType> parse_application_type(std::string_view text);

enum class ApplicationStatus : std::uint8_t {
    Pending,
    Approved,
    Rejected,
    Withdrawn,
    Closed,  ///< what it was about is gone
};
inline constexpr std::array kApplicationStatuses{
    ApplicationStatus::Pending, ApplicationStatus::Approved, ApplicationStatus::Rejected,
    ApplicationStatus::Withdrawn, ApplicationStatus::Closed};
std::string_view name(ApplicationStatus status);  ///< "pending", "approved"...
std::optional<ApplicationStatus> parse_application_status(std::string_view text);

enum class ApplicationEvent : std::uint8_t { Approve, Reject, Withdraw, Close };
inline constexpr std::array kApplicationEvents{ApplicationEvent::Approve, ApplicationEvent::Reject,
                                               ApplicationEvent::Withdraw, ApplicationEvent::Close};

/// The first event decides; every later one is refused.
Transition<ApplicationStatus> transition(ApplicationStatus from, ApplicationEvent event);

/// It outlives service, project and applicant, so it keeps their names.
struct Application {
    std::int64_t number = 0;  ///< counts up; what people call it by
    ApplicationType type = ApplicationType::Launch;
    ServiceId service_id = {};
    std::string service_code = {};
    std::string service_name = {};
    ProjectId project_id = {};
    std::string project_name = {};
    UserId applicant_id = {};
    std::string applicant = {};  ///< name of the user
    std::string reason = {};
    bool end_subscriptions = false;  ///< of Remove: the removal ends the existing ones, too
    ApplicationStatus status = ApplicationStatus::Pending;
    std::string reviewer = {};  ///< name of the user who decided
    std::string comment = {};   ///< of the reviewer
    TimeMs submitted_at = 0;
    TimeMs decided_at = 0;  ///< 0: it is pending
    GatewayId gateway_id = {};
};

data::Json to_json(const Application& application);
/// Null for 0: not yet.
data::Json time_or_null(TimeMs at);

}  // namespace lintel::model
