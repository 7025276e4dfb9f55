#include "management/credential_rules.h"
#include "management/shelf.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

/// Faults are pointed at where the credential stands in the request.
Result<model::Credential> make_credential(Management& m, store::Transaction& tx,
                                          const Caller& caller, const NewCredential& request) {
    Result<model::Credential> made = add_credential(m, tx, caller, request);
    if (made) { return made; }
    Error refused = made.error();
    for (Fault& fault : refused.faults) {
        fault.pointer.insert(0, "/new_credential");
    }
    return fail(std::move(refused));
}

/// The one chosen, or the one that is made for this.
Result<model::Credential> choose_credential(Management& m, store::Transaction& tx,
                                            const Caller& caller, const model::GatewayId& gateway,
                                            const SubscriptionRequest& request) {
    if (request.credential.has_value() == request.new_credential.has_value()) {
        return invalid_field("/credential", "field.required",
                             "is required, or else new_credential: exactly one of the two");
    }
    if (request.new_credential) { return make_credential(m, tx, caller, *request.new_credential); }
    Result<model::Credential> chosen =
        tx.credentials().get({.user_id = caller.user().id, .gateway_id = gateway},
                             *request.credential, store::Secrets::Sealed);
    if (!chosen && chosen.error().code == Code::NotFound) {
        return invalid_field("/credential", "credential.unknown",
                             "must be the id of a subscription credential of yours");
    }
    if (chosen && chosen->status == model::CredentialStatus::Disabled) {
        return fail(Code::CredentialDisabled, "The credential '" + chosen->name +
                                                  "' is disabled; with it nobody could call.");
    }
    return chosen;
}

Status require_no_other(store::Transaction& tx, const model::Service& service,
                        const model::Credential& credential) {
    ASSIGN_OR_RETURN(
        const std::vector<store::SubscriptionRow> open,
        tx.subscriptions().list(
            {.service_id = service.id, .credential_id = credential.id, .only_open = true},
            {.after = "", .limit = 1}));
    if (open.empty()) { return {}; }
    return fail(Code::SubscriptionExists,
                "The credential '" + credential.name + "' has a subscription of the service '" +
                    service.code + "' that is " +
                    std::string(name(open.front().subscription.status)) + ".");
}

}  // namespace

Result<SubscriptionView> subscribe(Management& m, const Caller& caller,
                                   const SubscriptionRequest& request) {
    RETURN_IF_ERROR(caller.require(Permission::WriteSubscription));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service service, load_listed(tx, caller, request.service));
    RETURN_IF_ERROR(require_running(tx, service));
    ASSIGN_OR_RETURN(const model::Credential credential,
                     choose_credential(m, tx, caller, service.gateway_id, request));
    RETURN_IF_ERROR(require_no_other(tx, service, credential));
    ASSIGN_OR_RETURN(model::Application application,
                     submit(m, tx, caller, service,
                            {.type = model::ApplicationType::Subscribe, .reason = request.reason}));
    model::Subscription subscription{.id = model::SubscriptionId(make_id("sub")),
                                     .application = application.number,
                                     .service_id = service.id,
                                     .user_id = caller.user().id,
                                     .credential_id = credential.id,
                                     .credential_name = credential.name};
    RETURN_IF_ERROR(tx.subscriptions().add(subscription));
    RETURN_IF_ERROR(tx.commit());
    if (request.new_credential) { m.publisher.refresh(model::change_of(credential.owner)); }
    return SubscriptionView{std::move(subscription), std::move(application)};
}

}  // namespace lintel::management
