#include "management/access_policy_rules.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxPolicyName = 64;
constexpr std::size_t kMaxStatements = 20;
constexpr std::size_t kMaxActions = 50;
constexpr std::size_t kMaxResources = 100;

/// What a resource of a statement stands for.
struct Resource {
    std::optional<model::ProjectId> project = {};
    std::optional<model::Service> service = {};
};

bool is_policy_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxPolicyName && std::ranges::all_of(name, [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '.';
    });
}

/// None: the caller sees no such thing.
Result<std::optional<Resource>> find_resource(store::Transaction& tx, const Caller& caller,
                                              const std::string& text) {
    if (text == "*") { return std::optional(Resource{}); }
    if (text.starts_with(kProjectResource)) {
        const model::ProjectId id(text.substr(kProjectResource.size()));
        ASSIGN_OR_RETURN(const auto project, tx.projects().find(id));
        if (!project || !caller.sees(id)) { return std::nullopt; }
        return std::optional(Resource{.project = id});
    }
    if (!text.starts_with(kServiceResource)) { return std::nullopt; }
    Result<model::Service> service =
        tx.services().get(model::ServiceId(text.substr(kServiceResource.size())));
    if (!service && service.error().code == Code::NotFound) { return std::nullopt; }
    if (!service) { return std::unexpected(std::move(service).error()); }
    if (!caller.sees(*service)) { return std::nullopt; }
    return std::optional(Resource{.service = *std::move(service)});
}

Status require_in(const Caller& caller, Permission permission, const Resource& resource) {
    if (resource.service) { return caller.require(permission, *resource.service); }
    if (resource.project) { return caller.require(permission, *resource.project); }
    return caller.require(permission);
}

/// The permissions of an action that can be held at all in the resource.
std::vector<Permission> permissions_in(const std::string& action, const Resource& resource) {
    std::vector<Permission> permissions = permissions_of_action(action);
    if (resource.project || resource.service) {
        std::erase_if(permissions,
                      [](Permission each) { return rule_of(each).scope == Scope::Installation; });
    }
    return permissions;
}

void check_texts(const model::AccessPolicy& policy, std::vector<Fault>& faults) {
    if (!is_policy_name(policy.name)) {
        faults.push_back(
            {"/name", "access_policy.name", "must be 1 to 64 letters, digits, '-' or '.'"});
    }
    if (model::character_count(policy.description) > model::kMaxDescription) {
        faults.push_back({"/description", "field.length", "may have at most 200 characters"});
    }
}

Status check_statement(store::Transaction& tx, const Caller& caller,
                       const model::AccessStatement& statement, const std::string& pointer,
                       std::vector<Fault>& faults) {
    if (statement.actions.size() > kMaxActions) {
        faults.push_back({pointer + "/actions", "field.length", "may have at most 50 entries"});
    }
    if (statement.resources.size() > kMaxResources) {
        faults.push_back({pointer + "/resources", "field.length", "may have at most 100 entries"});
        return {};
    }
    for (std::size_t i = 0; i < statement.actions.size(); ++i) {
        if (!permissions_of_action(statement.actions[i]).empty()) { continue; }
        faults.push_back({data::child_pointer(pointer + "/actions", i), "access_policy.action",
                          "names no permission; write \"lintel:service:publish\", with \"*\" for "
                          "any noun or verb"});
    }
    for (std::size_t i = 0; i < statement.resources.size(); ++i) {
        ASSIGN_OR_RETURN(const auto resource, find_resource(tx, caller, statement.resources[i]));
        if (resource) { continue; }
        faults.push_back({data::child_pointer(pointer + "/resources", i), "access_policy.resource",
                          "must be \"*\", \"project:ID\" or \"service:ID\" of one there is"});
    }
    return {};
}

/// The first permission the action allows in some resource and the caller does not hold there.
std::optional<Permission> beyond(const Caller& caller, const std::string& action,
                                 const std::vector<Resource>& resources) {
    for (const Resource& resource : resources) {
        for (const Permission permission : permissions_in(action, resource)) {
            if (!require_in(caller, permission, resource)) { return std::optional(permission); }
        }
    }
    return std::nullopt;
}

}  // namespace

Result<std::vector<Fault>> faults_beyond(store::Transaction& tx, const Caller& caller,
                                         const std::vector<model::AccessStatement>& statements) {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        if (statements[i].effect != model::Effect::Allow) { continue; }
        std::vector<Resource> resources;
        for (const std::string& text : statements[i].resources) {
            ASSIGN_OR_RETURN(auto resource, find_resource(tx, caller, text));
            if (resource) { resources.push_back(*std::move(resource)); }
        }
        const std::string pointer = data::child_pointer("", i) + "/actions";
        for (std::size_t j = 0; j < statements[i].actions.size(); ++j) {
            const std::optional<Permission> lacking =
                beyond(caller, statements[i].actions[j], resources);
            if (!lacking) { continue; }
            faults.push_back({data::child_pointer(pointer, j), "access_policy.beyond",
                              "allows '" + std::string(name(*lacking)) +
                                  "', which you do not hold there yourself"});
        }
    }
    return faults;
}

Result<model::AccessPolicy> read_content(store::Transaction& tx, const Caller& caller,
                                         const AccessPolicyContent& content) {
    model::AccessPolicy policy{.name = content.name, .description = content.description};
    std::vector<Fault> faults;
    check_texts(policy, faults);
    std::vector<Fault> of_statements;
    auto statements = model::access_statements_from_json(content.statements);
    if (!statements) {
        of_statements = statements.error().faults;
    } else if (statements->empty() || statements->size() > kMaxStatements) {
        of_statements.push_back({"", "field.length", "must have 1 to 20 entries"});
    } else {
        policy.statements = *std::move(statements);
        for (std::size_t i = 0; i < policy.statements.size(); ++i) {
            RETURN_IF_ERROR(check_statement(tx, caller, policy.statements[i],
                                            data::child_pointer("", i), of_statements));
        }
        ASSIGN_OR_RETURN(std::vector<Fault> more, faults_beyond(tx, caller, policy.statements));
        std::ranges::move(more, std::back_inserter(of_statements));
    }
    for (Fault& fault : of_statements) {
        fault.pointer.insert(0, "/statements");
        faults.push_back(std::move(fault));
    }
    if (!faults.empty()) { return fail(invalid_fields(std::move(faults))); }
    return policy;
}

Result<model::AccessPolicy> load_access_policy(store::Transaction& tx,
                                               const std::string& id_or_name,
                                               ExpectedVersion expected) {
    ASSIGN_OR_RETURN(std::optional<model::AccessPolicy> policy,
                     tx.access_policies().find(id_or_name));
    if (!policy) { return fail(Code::NotFound, "There is no access policy '" + id_or_name + "'."); }
    RETURN_IF_ERROR(require_version(policy->version, expected));
    return *std::move(policy);
}

}  // namespace lintel::management
