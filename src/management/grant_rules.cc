#include "management/grant_rules.h"

#include <algorithm>
#include <limits>
#include <set>

#include "model/application.h"

namespace lintel::management {

namespace {

constexpr int kAllOfThem = std::numeric_limits<int>::max();

void add_names(const model::ServiceDefinition& definition,
               std::map<model::ApiId, std::string>& names) {
    for (const model::ApiDefinition& api : definition.apis) {
        names[api.id] = api.name;
    }
}

Status end_grant(Management& m, store::Transaction& tx, const Caller& caller, store::GrantRow row) {
    RETURN_IF_ERROR(tx.grants().remove(row.grant.id));
    ASSIGN_OR_RETURN(const Subject subject, subject_of(tx, row));
    ASSIGN_OR_RETURN(const GrantView view, GrantViewer(tx).view(std::move(row)));
    return record(tx, m, caller, "grant.end", subject, {to_json(view)});
}

}  // namespace

data::Json to_json(const GrantView& view) {
    const auto& [grant, credential_name, owner, service_code, service_name] = view.row;
    return {{"id", grant.id.str()},
            {"service",
             {{"id", grant.service_id.str()}, {"code", service_code}, {"name", service_name}}},
            {"api", {{"id", grant.api_id.str()}, {"name", view.api_name}}},
            {"environments", view.environments},
            {"credential", {{"id", grant.credential_id.str()}, {"name", credential_name}}},
            {"owner", owner},
            {"expires_at", model::time_or_null(grant.expires_at)},
            {"version", grant.version},
            {"created_at", to_rfc3339(grant.created_at)},
            {"created_by", grant.created_by}};
}

Result<std::map<model::ApiId, std::string>> living_apis(store::Transaction& tx,
                                                        const model::ServiceId& service) {
    std::map<model::ApiId, std::string> names;
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> deployments,
                     tx.deployments().of_service(service));
    std::set<std::int64_t> numbers;
    for (const model::Deployment& deployment : deployments) {
        numbers.insert(deployment.release);
    }
    for (const std::int64_t number : numbers) {
        ASSIGN_OR_RETURN(const model::Release release, tx.releases().get(service, number));
        add_names(release.definition, names);
    }
    ASSIGN_OR_RETURN(const std::optional<model::Draft> draft, tx.drafts().find(service));
    if (draft) { add_names(draft->definition, names); }
    return names;
}

Result<const GrantViewer::Names*> GrantViewer::names_of(const model::ServiceId& service) {
    const auto [entry, is_new] = known_.try_emplace(service);
    Names& names = entry->second;
    if (!is_new) { return &names; }
    ASSIGN_OR_RETURN(names.apis, living_apis(tx_, service));
    ASSIGN_OR_RETURN(const model::Service found, tx_.services().get(service));
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments,
                     load_environments(tx_, found.gateway_id));
    for (const model::Environment& environment : environments) {
        names.environments.emplace(environment.id, environment.code);
    }
    return &names;
}

Result<GrantView> GrantViewer::view(store::GrantRow row) {
    GrantView view{.row = std::move(row)};
    const model::Grant& grant = view.row.grant;
    ASSIGN_OR_RETURN(const Names* names, names_of(grant.service_id));
    const auto api = names->apis.find(grant.api_id);
    if (api != names->apis.end()) { view.api_name = api->second; }
    for (const model::EnvironmentId& id : grant.environments) {
        const auto environment = names->environments.find(id);
        if (environment != names->environments.end()) {
            view.environments.push_back(environment->second);
        }
    }
    return view;
}

Status end_grants_of_lost_apis(Management& m, store::Transaction& tx, const Caller& caller,
                               const model::Service& service) {
    ASSIGN_OR_RETURN(
        std::vector<store::GrantRow> rows,
        tx.grants().direct({.service_id = service.id}, {.after = {}, .limit = kAllOfThem}));
    if (rows.empty()) { return {}; }
    ASSIGN_OR_RETURN(const auto apis, living_apis(tx, service.id));
    for (store::GrantRow& row : rows) {
        if (apis.contains(row.grant.api_id)) { continue; }
        RETURN_IF_ERROR(end_grant(m, tx, caller, std::move(row)));
    }
    return {};
}

Status end_grants_in(Management& m, store::Transaction& tx, const Caller& caller,
                     const model::Environment& environment) {
    ASSIGN_OR_RETURN(
        std::vector<store::GrantRow> rows,
        tx.grants().direct({.environment_id = environment.id}, {.after = {}, .limit = kAllOfThem}));
    for (store::GrantRow& row : rows) {
        // None left would mean every environment.
        if (row.grant.environments.size() == 1) {
            RETURN_IF_ERROR(end_grant(m, tx, caller, std::move(row)));
            continue;
        }
        std::erase(row.grant.environments, environment.id);
        ++row.grant.version;
        RETURN_IF_ERROR(tx.grants().save(row.grant));
    }
    return {};
}

Result<Subject> subject_of(store::Transaction& tx, const store::GrantRow& row) {
    ASSIGN_OR_RETURN(const model::Service service, tx.services().get(row.grant.service_id));
    return Subject{.type = "grant",
                   .id = row.grant.id.str(),
                   .name = row.credential_name,
                   .project = service.project_id};
}

}  // namespace lintel::management
