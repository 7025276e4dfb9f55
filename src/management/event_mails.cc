// Mails about applications and subscriptions: to whom they go and what they say.
#include <fmt/format.h>

#include <charconv>

#include "management/events.h"
#include "management/steps.h"
#include "store/subscriptions.h"

namespace lintel::management {

namespace {

/// Reviewers that are told of one application.
constexpr int kMaxReviewers = 50;

struct EventMail {
    std::string subject;
    std::string text;
};

/// "its launch", "its removal from the catalog", "a subscription to it".
std::string_view wish_of(model::ApplicationType type) {
    switch (type) {
        case model::ApplicationType::Launch: return "the launch of";
        case model::ApplicationType::Remove: return "the removal from the catalog of";
        case model::ApplicationType::Subscribe: break;
    }
    return "a subscription to";
}

/// Where to read the application, as well as the settings allow.
std::string place_of(const Management& m, const Event& event, const model::Application& about) {
    if (m.settings.admin_url.empty()) {
        return fmt::format("It is application {} of the gateway '{}'.", about.number,
                           event.gateway);
    }
    return fmt::format("{}/api/v1/gateways/{}/applications/{}", m.settings.admin_url, event.gateway,
                       about.number);
}

std::string line_about(std::string_view title, const std::string& text) {
    return text.empty() ? "" : fmt::format("{}: {}\n\n", title, text);
}

constexpr std::string_view kFarewell =
    "\n\n-- \nSent by Lintel. Your account has a switch (mail_notifications) for such mails.\n";

EventMail submitted(const Management& m, const Event& event, const model::Application& about) {
    return {.subject = fmt::format("{}: {} waits for a decision", about.service_name,
                                   about.type == model::ApplicationType::Subscribe
                                       ? "a subscription"
                                       : std::string_view("an application")),
            .text = fmt::format("{} applies for {} the service \"{}\" ({}) of the project \"{}\". "
                                "You may approve or reject it.\n\n{}{}{}",
                                about.applicant, wish_of(about.type), about.service_name,
                                about.service_code, about.project_name,
                                line_about("Reason", about.reason), place_of(m, event, about),
                                kFarewell)};
}

EventMail decided(const Management& m, const Event& event, const model::Application& about) {
    const std::string_view outcome = name(about.status);
    return {
        .subject = fmt::format("{}: your application was {}", about.service_name, outcome),
        .text = fmt::format(
            "Your application for {} the service \"{}\" ({}) was {} by {}.\n\n{}{}{}",
            wish_of(about.type), about.service_name, about.service_code, outcome, about.reviewer,
            line_about("Comment", about.comment), place_of(m, event, about), kFarewell)};
}

EventMail ended(const Event& event, const store::SubscriptionRow& about) {
    return {
        .subject = fmt::format("{}: your subscription has ended", about.application.service_name),
        .text = fmt::format("Your subscription to the service \"{}\" ({}) with the credential "
                            "\"{}\" was ended by {}. It opens nothing any more.{}",
                            about.application.service_name, about.application.service_code,
                            about.subscription.credential_name, event.actor, kFarewell)};
}

Status queue_mail(store::Transaction& tx, const Management& m, const Event& event,
                  const model::User& to, const EventMail& mail) {
    if (to.email.empty() || !to.enabled || !to.mail_notifications || to.name == event.actor) {
        return {};
    }
    model::Delivery delivery = make_delivery(m, event, {});
    delivery.payload =
        data::dump({{"to", to.email}, {"subject", mail.subject}, {"text", mail.text}});
    return tx.deliveries().add(delivery);
}

Status mail_to_user(store::Transaction& tx, const Management& m, const Event& event,
                    const model::UserId& id, const EventMail& mail) {
    ASSIGN_OR_RETURN(const std::optional<model::User> user, tx.users().find(id));
    return user ? queue_mail(tx, m, event, *user, mail) : Status{};
}

Status mail_to_reviewers(store::Transaction& tx, const Management& m, const Event& event,
                         const model::Application& about) {
    const EventMail mail = submitted(m, event, about);
    ASSIGN_OR_RETURN(const std::vector<model::User> candidates,
                     tx.users().mailed_about(about.project_id, kMaxReviewers));
    for (const model::User& user : candidates) {
        ASSIGN_OR_RETURN(const Caller reviewer, identity_of(tx, user, {}, {}));
        const bool decides =
            reviewer.require(Permission::ReviewApplication, about.project_id).has_value();
        if (decides) { RETURN_IF_ERROR(queue_mail(tx, m, event, user, mail)); }
    }
    return {};
}

Result<std::optional<model::Application>> find_application(store::Transaction& tx,
                                                           const std::string& number) {
    std::int64_t value = 0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    return tx.applications().find(value);
}

}  // namespace

Status queue_mails(store::Transaction& tx, Management& m, const Event& event,
                   const model::AuditEvent& change) {
    if (event.type == "subscription.ended") {
        ASSIGN_OR_RETURN(const std::optional<store::SubscriptionRow> row,
                         tx.subscriptions().find(model::SubscriptionId(change.object_id)));
        return row ? mail_to_user(tx, m, event, row->subscription.user_id, ended(event, *row))
                   : Status{};
    }
    if (change.object_type != "application" || !event.type.starts_with("application.")) {
        return {};
    }
    ASSIGN_OR_RETURN(const std::optional<model::Application> about,
                     find_application(tx, change.object_id));
    if (!about) { return {}; }
    if (event.type == "application.submitted") { return mail_to_reviewers(tx, m, event, *about); }
    if (event.type == "application.withdrawn") { return {}; }
    return mail_to_user(tx, m, event, about->applicant_id, decided(m, event, *about));
}

}  // namespace lintel::management
