#include <algorithm>

#include "management/credential_rules.h"
#include "management/grant_rules.h"

namespace lintel::management {

namespace {

void check_expiry(const std::optional<TimeMs>& expires_at, TimeMs now, std::vector<Fault>& faults) {
    if (!expires_at || *expires_at > now) { return; }
    faults.push_back({"/expires_at", "field.range",
                      "is over already; give a time to come, or none for a grant that lasts"});
}

/// A credential that is no user's, or lies in another gateway, is an unknown one.
Status check_granted_credential(store::Transaction& tx, const model::Service& service,
                                const model::CredentialId& id, std::vector<Fault>& faults) {
    const auto found =
        tx.credentials().get({.gateway_id = service.gateway_id}, id, store::Secrets::Sealed);
    if (found) { return {}; }
    if (found.error().code != Code::NotFound) { return fail(found.error()); }
    faults.push_back({"/credential", "credential.unknown",
                      "must be the id of a subscription credential in this gateway; its owner "
                      "knows it"});
    return {};
}

/// Every fault at once.
Result<model::Grant> read_grant(Management& m, store::Transaction& tx,
                                const model::Service& service, const NewGrant& request) {
    std::vector<Fault> faults;
    const TimeMs now = m.clock.now_ms();
    RETURN_IF_ERROR(check_granted_credential(tx, service, request.credential, faults));
    ASSIGN_OR_RETURN(const auto apis, living_apis(tx, service.id));
    if (!apis.contains(request.api)) {
        faults.push_back({"/api", "api.unknown",
                          "must be the id of an API in the draft or in a deployed release"});
    }
    check_expiry(request.expires_at, now, faults);
    model::Grant grant{.id = model::GrantId(make_id("gra")),
                       .credential_id = request.credential,
                       .service_id = service.id,
                       .api_id = request.api,
                       .expires_at = request.expires_at.value_or(0),
                       .is_direct = true,
                       .created_at = now};
    ASSIGN_OR_RETURN(const std::vector<model::Environment> all,
                     load_environments(tx, service.gateway_id));
    for (std::size_t i = 0; i < request.environments.size(); ++i) {
        const auto found =
            std::ranges::find(all, request.environments[i], &model::Environment::code);
        if (found == all.end()) {
            faults.push_back({data::child_pointer("/environments", i), "environment.unknown",
                              "names an environment that does not exist"});
        } else if (std::ranges::find(grant.environments, found->id) == grant.environments.end()) {
            grant.environments.push_back(found->id);
        }
    }
    if (!faults.empty()) { return fail(invalid_fields(std::move(faults))); }
    return grant;
}

/// Those there are of the credential, in the whole gateway.
Status require_room_beside(store::Transaction& tx, const model::Grant& grant) {
    ASSIGN_OR_RETURN(const std::vector<store::GrantRow> others,
                     tx.grants().direct({.credential_id = grant.credential_id},
                                        {.after = {}, .limit = model::kMaxDirectGrants}));
    for (const store::GrantRow& other : others) {
        if (other.grant.api_id != grant.api_id || !other.grant.overlaps(grant.environments)) {
            continue;
        }
        return fail(Code::GrantExists, "The credential '" + other.credential_name +
                                           "' has the grant '" + other.grant.id.str() +
                                           "' for this API in one of these environments.");
    }
    if (others.size() < std::size_t{model::kMaxDirectGrants}) { return {}; }
    return fail(Code::StateConflict,
                "The credential has " + std::to_string(others.size()) +
                    " direct grants, as many as one may have; revoke one that has expired, or "
                    "let its owner subscribe.");
}

/// Audits, commits and tells the data plane.
Result<Written<GrantView>> finish_grant(Management& m, store::Transaction& tx, const Caller& caller,
                                        std::string_view action, store::GrantRow row,
                                        data::Json before) {
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, row));
    ASSIGN_OR_RETURN(GrantView view, GrantViewer(tx).view(std::move(row)));
    RETURN_IF_ERROR(record(tx, m, caller, action, subject, {std::move(before), to_json(view)}));
    ASSIGN_OR_RETURN(
        const model::Credential credential,
        tx.credentials().get({}, view.row.grant.credential_id, store::Secrets::Sealed));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision = m.publisher.refresh(model::change_of(credential.owner));
    return Written<GrantView>{std::move(view), revision};
}

}  // namespace

Result<Written<GrantView>> create_grant(Management& m, const Caller& caller,
                                        const NewGrant& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, Permission::WriteGrant, request.service, {}));
    ASSIGN_OR_RETURN(model::Grant grant, read_grant(m, tx, service, request));
    RETURN_IF_ERROR(require_room_beside(tx, grant));
    grant.created_by = caller.name();
    RETURN_IF_ERROR(tx.grants().add(grant));
    ASSIGN_OR_RETURN(store::GrantRow row,
                     load_grant(tx, caller, Permission::WriteGrant, {service.id.str(), grant.id}));
    return finish_grant(m, tx, caller, "grant.create", std::move(row), nullptr);
}

Result<Written<GrantView>> set_grant_expiry(Management& m, const Caller& caller,
                                            const GrantRef& ref,
                                            const std::optional<TimeMs>& expires_at,
                                            ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(store::GrantRow row, load_grant(tx, caller, Permission::WriteGrant, ref));
    RETURN_IF_ERROR(require_version(row.grant.version, expected));
    std::vector<Fault> faults;
    check_expiry(expires_at, m.clock.now_ms(), faults);
    if (!faults.empty()) { return fail(invalid_fields(std::move(faults))); }
    ASSIGN_OR_RETURN(const GrantView before, GrantViewer(tx).view(row));
    row.grant.expires_at = expires_at.value_or(0);
    ++row.grant.version;
    RETURN_IF_ERROR(tx.grants().save(row.grant));
    return finish_grant(m, tx, caller, "grant.edit", std::move(row), to_json(before));
}

Result<Written<GrantView>> revoke_grant(Management& m, const Caller& caller, const GrantRef& ref,
                                        ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(store::GrantRow row, load_grant(tx, caller, Permission::WriteGrant, ref));
    RETURN_IF_ERROR(require_version(row.grant.version, expected));
    RETURN_IF_ERROR(tx.grants().remove(row.grant.id));
    return finish_grant(m, tx, caller, "grant.revoke", std::move(row), nullptr);
}

}  // namespace lintel::management
