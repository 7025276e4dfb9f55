#include "management/steps.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"
#include "management/events.h"
#include "model/rules.h"

namespace lintel::management {

namespace {
constexpr std::string_view kProjectIdPrefix = "prj_";
constexpr std::size_t kMaxAudited = 64 * 1024;

/// A document as an audit event holds it.
data::Json bounded(data::Json json) {
    const std::string text = data::dump(json);
    if (text.size() <= kMaxAudited) { return json; }
    return {{"bytes", text.size()}, {"sha256", to_hex(crypto::sha256(text))}};
}
}  // namespace

Status require_version(std::int64_t current, ExpectedVersion expected) {
    if (!expected || *expected == current) { return {}; }
    return fail(Code::PreconditionFailed, "The object is at version " + std::to_string(current) +
                                              ", your change was made on version " +
                                              std::to_string(*expected) +
                                              "; read it again and repeat the change.");
}

Result<model::Service> load_service(store::Transaction& tx, const Caller& caller,
                                    Permission permission, const std::string& id_or_code,
                                    ExpectedVersion expected) {
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(model::Service service, tx.services().get(gateway.id, id_or_code));
    if (!caller.sees(service)) { return fail(store::no_such_service(id_or_code)); }
    RETURN_IF_ERROR(caller.require(permission, service));
    RETURN_IF_ERROR(require_version(service.version, expected));
    return service;
}

Status require_transition(store::Transaction& tx, const model::Service& service,
                          model::ServiceEvent event) {
    ASSIGN_OR_RETURN(const bool has_draft, tx.drafts().exists(service.id));
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> deployments,
                     tx.deployments().of_service(service.id));
    const bool is_running = std::ranges::any_of(deployments, [](const model::Deployment& d) {
        return d.state == model::DeploymentState::Running;
    });
    const model::ServiceState state =
        model::derive_state({.has_draft = has_draft,
                             .has_release = service.latest_release > 0,
                             .is_running = is_running});
    const model::Transition transition = model::transition(state, event);
    if (transition.to) { return {}; }
    return fail(Code::StateConflict,
                "The service '" + service.code + "': " + std::string(transition.refusal) + ".");
}

void touch(model::Service& service, const Caller& caller, TimeMs now) {
    ++service.version;
    service.updated_at = now;
    service.updated_by = caller.name();
}

namespace {

std::unexpected<Error> no_such_gateway(const std::string& code) {
    return fail(Code::NotFound, "There is no gateway '" + code + "'.");
}

Result<model::Gateway> find_gateway(store::Transaction& tx, const std::string& code) {
    // As the address has it: anything at all.
    if (!model::is_environment_code(code)) { return no_such_gateway(code); }
    ASSIGN_OR_RETURN(std::optional<model::Gateway> gateway, tx.gateways().find_by_code(code));
    if (!gateway) { return no_such_gateway(code); }
    return *std::move(gateway);
}

/// It exists, and the caller sees it and holds the permission.
Result<model::Project> require_project(const Caller& caller, Permission permission,
                                       std::optional<model::Project> project,
                                       const std::string& named) {
    if (!project || !caller.sees(project->id)) {
        return fail(Code::NotFound, "There is no project '" + named + "'.");
    }
    RETURN_IF_ERROR(rule_of(permission).scope == Scope::Project
                        ? caller.require(permission, project->id)
                        : caller.require(permission));
    return *std::move(project);
}

}  // namespace

Result<bool> sees_gateway(store::Transaction& tx, const Caller& caller,
                          const model::Gateway& gateway) {
    if (gateway.is_default() || caller.is_system_admin()) { return true; }
    ASSIGN_OR_RETURN(const std::vector<model::Project> projects,
                     tx.projects().list(gateway.id, caller.visible_projects(), {.limit = 1}));
    if (!projects.empty()) { return true; }
    ASSIGN_OR_RETURN(const std::vector<model::Service> services,
                     tx.services().list({.gateway = gateway.id,
                                         .projects = std::vector<model::ProjectId>(),
                                         .beside = caller.visible_services()},
                                        {.limit = 1}));
    return !services.empty();
}

Result<model::Gateway> load_gateway(store::Transaction& tx, const Caller& caller,
                                    const std::string& code) {
    ASSIGN_OR_RETURN(model::Gateway gateway, find_gateway(tx, code));
    ASSIGN_OR_RETURN(const bool sees, sees_gateway(tx, caller, gateway));
    if (!sees) { return no_such_gateway(code); }
    return gateway;
}

Result<model::Gateway> gateway_of(store::Transaction& tx, const Caller& caller) {
    if (!caller.gateway().id.empty()) { return caller.gateway(); }
    return find_gateway(tx, std::string(model::kDefaultGateway));
}

Result<model::Project> default_project(store::Transaction& tx) {
    ASSIGN_OR_RETURN(const model::Gateway gateway,
                     find_gateway(tx, std::string(model::kDefaultGateway)));
    return tx.projects().default_of(gateway.id);
}

Result<model::Project> load_project(store::Transaction& tx, const Caller& caller,
                                    Permission permission,
                                    const std::optional<std::string>& id_or_name) {
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    if (!id_or_name) {
        ASSIGN_OR_RETURN(model::Project standard, tx.projects().default_of(gateway.id));
        const std::string name = standard.name;
        return require_project(caller, permission, std::move(standard), name);
    }
    ASSIGN_OR_RETURN(std::optional<model::Project> project,
                     tx.projects().find(gateway.id, *id_or_name));
    return require_project(caller, permission, std::move(project), *id_or_name);
}

Result<model::Project> load_project_anywhere(store::Transaction& tx, const Caller& caller,
                                             Permission permission, const std::string& id_or_name) {
    if (!id_or_name.starts_with(kProjectIdPrefix)) {
        return load_project(tx, caller, permission, id_or_name);
    }
    ASSIGN_OR_RETURN(std::optional<model::Project> project,
                     tx.projects().find(model::ProjectId(id_or_name)));
    return require_project(caller, permission, std::move(project), id_or_name);
}

Result<std::vector<model::Environment>> load_environments(store::Transaction& tx,
                                                          const model::GatewayId& gateway) {
    return tx.environments().list(gateway);
}

Result<model::Environment> load_environment(store::Transaction& tx, const model::GatewayId& gateway,
                                            const std::string& code) {
    ASSIGN_OR_RETURN(const std::vector<model::Environment> all, load_environments(tx, gateway));
    std::string codes;
    for (const model::Environment& environment : all) {
        if (environment.code == code) { return environment; }
        codes += (codes.empty() ? "" : ", ") + environment.code;
    }
    return fail(Code::NotFound,
                "There is no environment '" + code + "'; there are: " + codes + ".");
}

Result<ServiceView> view_service(store::Transaction& tx, const model::Service& service) {
    ServiceView view{.service = service};
    ASSIGN_OR_RETURN(view.labels, tx.services().labels_of(service.id));
    ASSIGN_OR_RETURN(view.has_draft, tx.drafts().exists(service.id));
    ASSIGN_OR_RETURN(const model::Listing listing, tx.listings().get(service.id));
    view.listing = listing.status;
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments,
                     load_environments(tx, service.gateway_id));
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> deployments,
                     tx.deployments().of_service(service.id));
    bool is_running = false;
    for (const model::Deployment& deployment : deployments) {
        const auto environment =
            std::ranges::find(environments, deployment.environment_id, &model::Environment::id);
        is_running = is_running || deployment.state == model::DeploymentState::Running;
        view.deployments.push_back(
            {deployment, environment == environments.end() ? "" : environment->code});
    }
    view.status =
        model::derive_status(model::derive_state({.has_draft = view.has_draft,
                                                  .has_release = service.latest_release > 0,
                                                  .is_running = is_running}));
    return view;
}

Status record(store::Transaction& tx, Management& m, const Caller& caller, std::string_view action,
              const Subject& subject, Difference difference) {
    const model::AuditEvent change{.id = model::AuditEventId(make_id("aud")),
                                   .at = m.clock.now_ms(),
                                   .actor = caller.name(),
                                   .token_id = caller.token().id.str(),
                                   .remote = caller.client().remote,
                                   .request_id = caller.client().request_id,
                                   .action = std::string(action),
                                   .object_type = std::string(subject.type),
                                   .object_id = subject.id,
                                   .object_name = subject.name,
                                   .project_id = subject.project,
                                   .before = bounded(m.kinds.masked(std::move(difference.before))),
                                   .after = bounded(m.kinds.masked(std::move(difference.after)))};
    RETURN_IF_ERROR(tx.audit().add(change));
    return announce(tx, m, change);
}

Subject subject_of(const model::Service& service) {
    return {.type = "service",
            .id = service.id.str(),
            .name = service.code,
            .project = service.project_id};
}

Subject subject_of(const model::ApiDefinition& api, const model::Service& service) {
    return {.type = "api", .id = api.id.str(), .name = api.name, .project = service.project_id};
}

Subject subject_of(const model::Environment& environment) {
    return {.type = "environment", .id = environment.id.str(), .name = environment.code};
}

Subject subject_of(const model::Group& group) {
    return {.type = "group", .id = group.id.str(), .name = group.name, .project = group.project_id};
}

Subject subject_of(const model::ApiToken& token) {
    return {.type = "token", .id = token.id.str(), .name = token.name};
}

Subject subject_of(const model::Certificate& certificate) {
    return {.type = "certificate", .id = certificate.id.str(), .name = certificate.name};
}

Subject subject_of(const model::Domain& domain) {
    return {.type = "domain", .id = domain.id.str(), .name = domain.name};
}

Subject subject_of(const model::User& user) {
    return {.type = "user", .id = user.id.str(), .name = user.name};
}

std::unexpected<Error> invalid_field(std::string pointer, std::string code, std::string detail) {
    return fail(invalid_fields({{std::move(pointer), std::move(code), std::move(detail)}}));
}

Error invalid_fields(std::vector<Fault> faults) {
    std::string message = faults.front().pointer.empty() ? "The value" : faults.front().pointer;
    message += " " + faults.front().detail;
    if (faults.size() > 1) { message += " (and " + std::to_string(faults.size() - 1) + " more)"; }
    return {.code = Code::FieldInvalid, .message = message + ".", .faults = std::move(faults)};
}

std::string page_token_of(std::string_view key) {
    return to_base64url(key);
}

Result<std::string> key_of_page_token(const PageRequest& page) {
    std::optional<std::string> key = from_base64url(page.page_token);
    if (!key || key->size() > 200 || !is_valid_utf8(*key)) {
        return fail(Code::QueryInvalid,
                    "page_token is not one that Lintel gave; start again without it.");
    }
    return *std::move(key);
}

Result<int> page_limit(const PageRequest& page) {
    if (page.page_size < 1 || page.page_size > kMaxPageSize) {
        return fail(Code::QueryInvalid, "page_size must be from 1 to 500.");
    }
    return page.page_size + 1;
}

}  // namespace lintel::management
