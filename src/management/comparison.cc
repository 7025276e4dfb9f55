#include "management/comparison.h"

#include <algorithm>
#include <charconv>

#include "management/deploy.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

using data::Json;

/// The two sides of one place; null where there is nothing.
struct Sides {
    const Json* before;
    const Json* after;

    bool are(bool (Json::*is)() const noexcept) const {
        return before != nullptr && after != nullptr && (before->*is)() && (after->*is)();
    }
    template <typename Key>
    Sides at(const Key& key) const {
        return {member(before, key), member(after, key)};
    }

private:
    static const Json* member(const Json* json, const std::string& name) {
        return json == nullptr ? nullptr : data::find(*json, name);
    }
    static const Json* member(const Json* json, std::size_t index) {
        return json == nullptr || index >= json->size() ? nullptr : &(*json)[index];
    }
};

std::optional<Json> copy_of(const Json* json) {
    return json == nullptr ? std::nullopt : std::optional(*json);
}

/// Looks at the values as they are, and tells them as they may be shown: a changed secret is seen
/// to have changed.
class Comparer {
public:
    explicit Comparer(std::vector<FieldChange>& changes) : changes_(changes) {}

    void run(const Sides& real, const Sides& shown, const std::string& pointer) {
        if (real.before != nullptr && real.after != nullptr &&
            data::equal(*real.before, *real.after)) {
            return;
        }
        if (real.are(&Json::is_object) && shown.are(&Json::is_object)) {
            return members(real, shown, pointer);
        }
        if (real.are(&Json::is_array) && shown.are(&Json::is_array)) {
            return items(real, shown, pointer);
        }
        changes_.push_back({pointer, copy_of(shown.before), copy_of(shown.after)});
    }

private:
    void members(const Sides& real, const Sides& shown, const std::string& pointer) {
        std::vector<std::string> names;
        for (const Json* side : {real.before, real.after}) {
            for (const auto& member : side->items()) {
                if (std::ranges::find(names, member.key()) == names.end()) {
                    names.push_back(member.key());
                }
            }
        }
        for (const std::string& name : names) {
            run(real.at(name), shown.at(name), data::child_pointer(pointer, name));
        }
    }

    void items(const Sides& real, const Sides& shown, const std::string& pointer) {
        const std::size_t count = std::max(real.before->size(), real.after->size());
        for (std::size_t i = 0; i < count; ++i) {
            run(real.at(i), shown.at(i), data::child_pointer(pointer, i));
        }
    }

    std::vector<FieldChange>& changes_;
};

std::vector<FieldChange> compare_json(const Kinds& kinds, const Json& before, const Json& after) {
    std::vector<FieldChange> changes;
    const Json shown_before = kinds.masked(before);
    const Json shown_after = kinds.masked(after);
    Comparer(changes).run({&before, &after}, {&shown_before, &shown_after}, "");
    return changes;
}

ApiChange change_of(ApiChange::Kind kind, const model::ApiDefinition& api) {
    return {.kind = kind,
            .id = api.id,
            .name = api.name,
            .method = std::string(name(api.method)),
            .path = api.path};
}

std::string_view name_of(ApiChange::Kind kind) {
    switch (kind) {
        case ApiChange::Kind::Added: return "added";
        case ApiChange::Kind::Removed: return "removed";
        case ApiChange::Kind::Changed: break;
    }
    return "changed";
}

Json fields_json(const std::vector<FieldChange>& changes) {
    Json list = Json::array();
    for (const FieldChange& change : changes) {
        Json row{{"pointer", change.pointer}};
        if (change.before) { row["before"] = *change.before; }
        if (change.after) { row["after"] = *change.after; }
        list.push_back(std::move(row));
    }
    return list;
}

/// Without its APIs, which are compared one by one.
Json service_json(model::ServiceDefinition definition) {
    definition.apis.clear();
    Json json = model::to_json(definition);
    json.erase("apis");
    return json;
}

Result<std::int64_t> release_in(store::Transaction& tx, const model::Service& service,
                                const std::string& code) {
    ASSIGN_OR_RETURN(const model::Environment environment,
                     load_environment(tx, service.gateway_id, code));
    ASSIGN_OR_RETURN(const auto deployment, find_deployment(tx, service.id, environment.id));
    if (deployment) { return deployment->release; }
    return fail(Code::NotFound,
                "The service '" + service.code + "' was never published to '" + code + "'.");
}

Result<model::ServiceDefinition> load_definition(store::Transaction& tx,
                                                 const model::Service& service,
                                                 const std::string& which) {
    constexpr std::string_view kEnvironment = "environment:";
    if (which == "draft") {
        ASSIGN_OR_RETURN(std::optional<model::Draft> draft, tx.drafts().find(service.id));
        if (draft) { return std::move(draft->definition); }
        return fail(Code::NotFound, "The service '" + service.code + "' has no draft.");
    }
    std::int64_t number = 0;
    if (which.starts_with(kEnvironment)) {
        ASSIGN_OR_RETURN(number, release_in(tx, service, which.substr(kEnvironment.size())));
    } else {
        const char* const last = which.data() + which.size();
        const auto [end, error] = std::from_chars(which.data(), last, number);
        if (error != std::errc() || end != last) {
            return fail(Code::QueryInvalid,
                        "'" + which +
                            "' names no copy of a service: write 'draft', the number of a release, "
                            "or 'environment:' and a code.");
        }
    }
    ASSIGN_OR_RETURN(model::Release release, tx.releases().get(service.id, number));
    return std::move(release.definition);
}

}  // namespace

data::Json to_json(const Comparison& comparison) {
    Json apis = Json::array();
    for (const ApiChange& change : comparison.apis) {
        apis.push_back({{"change", std::string(name_of(change.kind))},
                        {"id", change.id.str()},
                        {"name", change.name},
                        {"method", change.method},
                        {"path", change.path},
                        {"fields", fields_json(change.fields)}});
    }
    return {{"service", fields_json(comparison.service)}, {"apis", std::move(apis)}};
}

Comparison compare(const Kinds& kinds, const model::ServiceDefinition& before,
                   const model::ServiceDefinition& after) {
    Comparison comparison{.service =
                              compare_json(kinds, service_json(before), service_json(after))};
    for (const model::ApiDefinition& api : after.apis) {
        const model::ApiDefinition* const old = before.find(api.id);
        if (old == nullptr) {
            comparison.apis.push_back(change_of(ApiChange::Kind::Added, api));
            continue;
        }
        ApiChange change = change_of(ApiChange::Kind::Changed, api);
        change.fields = compare_json(kinds, model::to_json(*old), model::to_json(api));
        if (!change.fields.empty()) { comparison.apis.push_back(std::move(change)); }
    }
    for (const model::ApiDefinition& api : before.apis) {
        if (after.find(api.id) == nullptr) {
            comparison.apis.push_back(change_of(ApiChange::Kind::Removed, api));
        }
    }
    return comparison;
}

Result<Comparison> compare_copies(Management& m, const Caller& caller,
                                  const ComparisonRequest& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Service service,
                     load_service(tx, caller, Permission::ReadService, request.service, {}));
    ASSIGN_OR_RETURN(const model::ServiceDefinition before,
                     load_definition(tx, service, request.from));
    ASSIGN_OR_RETURN(const model::ServiceDefinition after,
                     load_definition(tx, service, request.to));
    return compare(m.kinds, before, after);
}

}  // namespace lintel::management
