#include "base/text.h"
#include "management/domains.h"
#include "management/grant_rules.h"
#include "management/places.h"
#include "management/steps.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxEnvironmentName = 50;

Status check_name(const std::string& name) {
    if (!trim(name).empty() && model::character_count(name) <= kMaxEnvironmentName) { return {}; }
    return invalid_field("/name", "field.length", "must have 1 to 50 characters");
}

Status require_nothing_runs(store::Transaction& tx, const model::Environment& environment) {
    ASSIGN_OR_RETURN(const std::vector<std::string> running,
                     tx.deployments().services_running_in(environment.id, kMaxNamedServices));
    if (running.empty()) { return {}; }
    std::string codes;
    for (const std::string& code : running) {
        codes += (codes.empty() ? "" : ", ") + code;
    }
    return fail(Code::StateConflict, "In the environment '" + environment.code +
                                         "' services are running (" + codes +
                                         "); stop them there first.");
}

}  // namespace

Result<std::vector<model::Environment>> list_environments(Management& m, const Caller& caller) {
    RETURN_IF_ERROR(caller.require(Permission::ReadEnvironment));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    return load_environments(tx, gateway.id);
}

Result<model::Environment> show_environment(Management& m, const Caller& caller,
                                            const std::string& code) {
    RETURN_IF_ERROR(caller.require(Permission::ReadEnvironment));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    return load_environment(tx, gateway.id, code);
}

Result<Written<model::Environment>> create_environment(Management& m, const Caller& caller,
                                                       const std::string& code,
                                                       const std::string& name) {
    RETURN_IF_ERROR(caller.require(Permission::WriteEnvironment));
    if (!model::is_environment_code(code)) {
        return invalid_field("/code", "environment.code",
                             "must be 1 to 16 characters, 'a' to 'z' and digits");
    }
    RETURN_IF_ERROR(check_name(name));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(const std::optional<model::Environment> taken,
                     tx.environments().find_by_code(gateway.id, code));
    if (taken) {
        return fail({.code = Code::NameTaken,
                     .message = "There is already an environment '" + code + "'.",
                     .faults = {{"/code", "code.taken", "is the code of another environment"}}});
    }
    const model::Environment environment{.id = model::EnvironmentId(make_id("env")),
                                         .gateway_id = gateway.id,
                                         .code = code,
                                         .name = name,
                                         .status = model::EnvironmentStatus::Running,
                                         .version = 1,
                                         .created_at = m.clock.now_ms()};
    RETURN_IF_ERROR(tx.environments().add(environment));
    RETURN_IF_ERROR(record(tx, m, caller, "environment.create", subject_of(environment),
                           {nullptr, model::to_json(environment)}));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision =
        m.publisher.refresh({.kind = Change::Kind::Everything, .service_id = {}});
    return Written<model::Environment>{environment, revision};
}

Result<Written<model::Environment>> edit_environment(Management& m, const Caller& caller,
                                                     const std::string& code,
                                                     const EnvironmentEdit& edit,
                                                     ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteEnvironment));
    if (edit.name) { RETURN_IF_ERROR(check_name(*edit.name)); }
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(model::Environment environment, load_environment(tx, gateway.id, code));
    RETURN_IF_ERROR(require_version(environment.version, expected));
    const data::Json before = model::to_json(environment);
    environment.name = edit.name.value_or(environment.name);
    environment.status = edit.status.value_or(environment.status);
    ++environment.version;
    RETURN_IF_ERROR(tx.environments().save(environment));
    RETURN_IF_ERROR(record(tx, m, caller, "environment.edit", subject_of(environment),
                           {before, model::to_json(environment)}));
    RETURN_IF_ERROR(tx.commit());
    // A suspended environment goes on serving; it only takes nothing new.
    return Written<model::Environment>{environment, m.publisher.revision()};
}

Result<Written<model::Environment>> delete_environment(Management& m, const Caller& caller,
                                                       const std::string& code,
                                                       ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteEnvironment));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(const model::Environment environment, load_environment(tx, gateway.id, code));
    RETURN_IF_ERROR(require_version(environment.version, expected));
    RETURN_IF_ERROR(require_nothing_runs(tx, environment));
    RETURN_IF_ERROR(require_unmapped(tx, environment.id));
    RETURN_IF_ERROR(end_grants_in(m, tx, caller, environment));
    RETURN_IF_ERROR(tx.deployments().remove_from(environment.id));
    RETURN_IF_ERROR(tx.environments().remove(environment.id));
    RETURN_IF_ERROR(record(tx, m, caller, "environment.delete", subject_of(environment),
                           {model::to_json(environment)}));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision =
        m.publisher.refresh({.kind = Change::Kind::Everything, .service_id = {}});
    return Written<model::Environment>{environment, revision};
}

}  // namespace lintel::management
