// The shelf of a service, and the applications about it and about subscriptions.
#include "admin/bindings.h"

#include <fmt/core.h>

#include "management/applications.h"

namespace lintel::admin {

namespace {

std::string address_of(const Call& call, const model::Application& application) {
    return fmt::format("{}/applications/{}", call.gateway_path(), application.number);
}

std::int64_t number_of(const Call& call) {
    return call.path.at("application").get<std::int64_t>();
}

Result<Answer> show_listing(const Call& call) {
    ASSIGN_OR_RETURN(const auto view, management::show_listing(call.management, *call.caller,
                                                               call.path_text("service")));
    return Answer::shown(management::to_json(view));
}

Result<Answer> apply_for_listing(const Call& call) {
    const management::ListingRequest request{
        .service = call.path_text("service"),
        .type = model::parse_application_type(call.body_text("type").value_or(""))
                    .value_or(model::ApplicationType::Launch),
        .reason = call.body_text("reason").value_or(""),
        .end_subscriptions = call.body_flag("end_subscriptions", false)};
    ASSIGN_OR_RETURN(const model::Application application,
                     management::apply_for_listing(call.management, *call.caller, request));
    return Answer::shown(model::to_json(application)).made_at(address_of(call, application));
}

Result<Answer> list_applications(const Call& call) {
    management::ApplicationFilter filter{.to_review = call.query_text("view") == "review",
                                         .service = call.query_text("service"),
                                         .project = call.query_text("project"),
                                         .applicant = call.query_text("applicant")};
    if (const auto type = call.query_text("type")) {
        filter.type = model::parse_application_type(*type);
    }
    if (const auto status = call.query_text("status")) {
        filter.status = model::parse_application_status(*status);
    }
    ASSIGN_OR_RETURN(const auto page, management::list_applications(call.management, *call.caller,
                                                                    filter, call.page()));
    return page_answer(
        page, [](const management::ApplicationView& view) { return management::to_json(view); });
}

Result<Answer> show_application(const Call& call) {
    ASSIGN_OR_RETURN(const auto view,
                     management::show_application(call.management, *call.caller, number_of(call)));
    return Answer::shown(management::to_json(view));
}

Result<Answer> decide(const Call& call, bool approves) {
    const management::Decision decision{.number = number_of(call),
                                        .approves = approves,
                                        .comment = call.body_text("comment").value_or("")};
    ASSIGN_OR_RETURN(const auto written,
                     management::decide_application(call.management, *call.caller, decision));
    return Answer::written(model::to_json(written.value), {}, written.revision);
}

Result<Answer> approve_application(const Call& call) {
    return decide(call, true);
}

Result<Answer> reject_application(const Call& call) {
    return decide(call, false);
}

Result<Answer> withdraw_application(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::Application application,
        management::withdraw_application(call.management, *call.caller, number_of(call)));
    return Answer::shown(model::to_json(application));
}

}  // namespace

std::vector<Binding> application_bindings() {
    return {
        {"showListing", show_listing},
        {"applyForListing", apply_for_listing},
        {"listApplications", list_applications},
        {"showApplication", show_application},
        {"approveApplication", approve_application},
        {"rejectApplication", reject_application},
        {"withdrawApplication", withdraw_application},
    };
}

}  // namespace lintel::admin
