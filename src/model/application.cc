#include "model/application.h"

#include "model/names.h"

namespace lintel::model {

namespace {

constexpr Names<ApplicationType, 3> kApplicationTypes{{{ApplicationType::Launch, "launch"},
                                                       {ApplicationType::Remove, "remove"},
                                                       {ApplicationType::Subscribe, "subscribe"}}};
constexpr Names<ApplicationStatus, 5> kApplicationNames{
    {{ApplicationStatus::Pending, "pending"},
     {ApplicationStatus::Approved, "approved"},
     {ApplicationStatus::Rejected, "rejected"},
     {ApplicationStatus::Withdrawn, "withdrawn"},
     {ApplicationStatus::Closed, "closed"}}};

ApplicationStatus outcome_of(ApplicationEvent event) {
    switch (event) {
        case ApplicationEvent::Approve: return ApplicationStatus::Approved;
        case ApplicationEvent::Reject: return ApplicationStatus::Rejected;
        case ApplicationEvent::Withdraw: return ApplicationStatus::Withdrawn;
        case ApplicationEvent::Close: break;
    }
    return ApplicationStatus::Closed;
}

std::string_view refusal_in(ApplicationStatus status) {
    switch (status) {
        case ApplicationStatus::Approved: return "it was approved already";
        case ApplicationStatus::Rejected: return "it was rejected already; apply again";
        case ApplicationStatus::Withdrawn: return "it was withdrawn; apply again";
        case ApplicationStatus::Pending:
        case ApplicationStatus::Closed: break;
    }
    return "what it was about is gone";
}

}  // namespace

data::Json time_or_null(TimeMs at) {
    return at == 0 ? data::Json(nullptr) : data::Json(to_rfc3339(at));
}

std::string_view name(ApplicationType type) {
    return name_of(kApplicationTypes, type);
}
std::optional<ApplicationType> parse_application_type(std::string_view text) {
    return value_of(kApplicationTypes, text);
}
std::string_view name(ApplicationStatus status) {
    return name_of(kApplicationNames, status);
}
std::optional<ApplicationStatus> parse_application_status(std::string_view text) {
    return value_of(kApplicationNames, text);
}

Transition<ApplicationStatus> transition(ApplicationStatus from, ApplicationEvent event) {
    if (from == ApplicationStatus::Pending) { return {.to = outcome_of(event)}; }
    return {.refusal = refusal_in(from)};
}

data::Json to_json(const Application& application) {
    data::Json json{
        {"number", application.number},
        {"type", std::string(name(application.type))},
        {"status", std::string(name(application.status))},
        {"service",
         {{"id", application.service_id.str()},
          {"code", application.service_code},
          {"name", application.service_name}}},
        {"project", {{"id", application.project_id.str()}, {"name", application.project_name}}},
        {"applicant", application.applicant},
        {"reason", application.reason},
        {"submitted_at", to_rfc3339(application.submitted_at)},
        {"reviewer", application.reviewer},
        {"comment", application.comment},
        {"decided_at", time_or_null(application.decided_at)}};
    if (application.type == ApplicationType::Remove) {
        json["end_subscriptions"] = application.end_subscriptions;
    }
    return json;
}

}  // namespace lintel::model
