#include "management/gateways.h"

#include "base/text.h"
#include "management/steps.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxGatewayName = 50;
/// More than one: the default project goes with its gateway.
constexpr int kAnyOtherProject = 2;

Subject subject_of_gateway(const model::Gateway& gateway) {
    return {.type = "gateway", .id = gateway.id.str(), .name = gateway.code};
}

void find_name_faults(const std::string& name, std::vector<Fault>& faults) {
    if (trim(name).empty() || model::character_count(name) > kMaxGatewayName) {
        faults.push_back({"/name", "field.length", "must have 1 to 50 characters"});
    }
}

/// What keeps the gateway from being deleted; empty: nothing.
Result<std::string> contents_of(store::Transaction& tx, const model::Gateway& gateway) {
    const store::IdPage first{.limit = 1};
    ASSIGN_OR_RETURN(const auto services, tx.services().list({.gateway = gateway.id}, first));
    if (!services.empty()) { return std::string("services"); }
    ASSIGN_OR_RETURN(const auto projects,
                     tx.projects().list(gateway.id, {}, {.limit = kAnyOtherProject}));
    if (projects.size() >= kAnyOtherProject) { return std::string("projects"); }
    ASSIGN_OR_RETURN(const auto domains, tx.domains().list(gateway.id, first));
    if (!domains.empty()) { return std::string("domains"); }
    ASSIGN_OR_RETURN(const auto certificates, tx.certificates().list(gateway.id, first));
    if (!certificates.empty()) { return std::string("certificates"); }
    ASSIGN_OR_RETURN(const std::int64_t upstreams, tx.upstreams().count(gateway.id));
    return std::string(upstreams > 0 ? "upstreams" : "");
}

std::uint64_t refresh_everything(Management& m) {
    return m.publisher.refresh({.kind = Change::Kind::Everything});
}

}  // namespace

Result<std::vector<model::Gateway>> list_gateways(Management& m, const Caller& caller) {
    RETURN_IF_ERROR(caller.require(Permission::ReadGateway));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const std::vector<model::Gateway> all, tx.gateways().list());
    std::vector<model::Gateway> seen;
    for (const model::Gateway& gateway : all) {
        ASSIGN_OR_RETURN(const bool sees, sees_gateway(tx, caller, gateway));
        if (sees) { seen.push_back(gateway); }
    }
    return seen;
}

Result<model::Gateway> show_gateway(Management& m, const Caller& caller, const std::string& code) {
    RETURN_IF_ERROR(caller.require(Permission::ReadGateway));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return load_gateway(tx, caller, code);
}

Result<Written<model::Gateway>> create_gateway(Management& m, const Caller& caller,
                                               const std::string& code, const std::string& name) {
    RETURN_IF_ERROR(caller.require(Permission::WriteGateway));
    std::vector<Fault> faults;
    // Hosts are split at dots and at the last "-": a code has neither.
    if (!model::is_environment_code(code)) {
        faults.push_back(
            {"/code", "gateway.code", "must be 1 to 16 characters, 'a' to 'z' and digits"});
    }
    find_name_faults(name, faults);
    if (!faults.empty()) { return fail(invalid_fields(std::move(faults))); }
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const auto taken, tx.gateways().find_by_code(code));
    if (taken) {
        return fail({.code = Code::NameTaken,
                     .message = "There is already a gateway '" + code + "'.",
                     .faults = {{"/code", "code.taken", "is the code of another gateway"}}});
    }
    const model::Gateway gateway{.id = model::GatewayId(make_id("gw")),
                                 .code = code,
                                 .name = name,
                                 .created_at = m.clock.now_ms()};
    RETURN_IF_ERROR(store::add_gateway(tx, gateway));
    RETURN_IF_ERROR(record(tx, m, caller, "gateway.create", subject_of_gateway(gateway),
                           {nullptr, model::to_json(gateway)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Gateway>{gateway, refresh_everything(m)};
}

Result<model::Gateway> rename_gateway(Management& m, const Caller& caller, const std::string& code,
                                      const std::string& name, ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteGateway));
    std::vector<Fault> faults;
    find_name_faults(name, faults);
    if (!faults.empty()) { return fail(invalid_fields(std::move(faults))); }
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway before, load_gateway(tx, caller, code));
    RETURN_IF_ERROR(require_version(before.version, expected));
    model::Gateway after = before;
    after.name = name;
    ++after.version;
    RETURN_IF_ERROR(tx.gateways().save(after));
    RETURN_IF_ERROR(record(tx, m, caller, "gateway.rename", subject_of_gateway(after),
                           {model::to_json(before), model::to_json(after)}));
    RETURN_IF_ERROR(tx.commit());
    return after;
}

Result<Written<model::Gateway>> delete_gateway(Management& m, const Caller& caller,
                                               const std::string& code, ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteGateway));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, load_gateway(tx, caller, code));
    RETURN_IF_ERROR(require_version(gateway.version, expected));
    if (gateway.is_default()) { return fail(Code::StateConflict, "The gateway 'default' stays."); }
    ASSIGN_OR_RETURN(const std::string contents, contents_of(tx, gateway));
    if (!contents.empty()) {
        return fail(Code::StateConflict, "The gateway '" + gateway.code + "' still has " +
                                             contents + "; delete them first.");
    }
    RETURN_IF_ERROR(tx.gateways().remove(gateway.id));
    RETURN_IF_ERROR(record(tx, m, caller, "gateway.delete", subject_of_gateway(gateway),
                           {model::to_json(gateway)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Gateway>{gateway, refresh_everything(m)};
}

}  // namespace lintel::management
