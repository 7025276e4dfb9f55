#include "management/kinds.h"

#include <algorithm>

namespace lintel::management {

namespace {

std::string_view word_for(model::Family family) {
    switch (family) {
        case model::Family::Policy: return "policy";
        case model::Family::Auth: return "authentication method";
        case model::Family::Backend: break;
    }
    return "backend";
}

void mask_use(data::Json& use, const model::KindInfo& kind) {
    const auto config = use.find("config");
    const data::Json* properties = data::find(kind.schema, "properties");
    if (config == use.end() || !config->is_object() || properties == nullptr) { return; }
    for (const auto& property : properties->items()) {
        const data::Json* secret = data::find(property.value(), "x-secret");
        if (secret != nullptr && *secret == true && config->contains(property.key())) {
            (*config)[property.key()] = "[redacted]";
        }
    }
}

}  // namespace

Result<Kinds> Kinds::build(std::vector<model::KindInfo> kinds) {
    Kinds built;
    built.kinds_ = std::move(kinds);
    for (const model::KindInfo& kind : built.kinds_) {
        Result<std::shared_ptr<const data::Schema>> schema =
            data::Schema::compile(kind.schema, {.dialect = data::Dialect::Draft7});
        if (!schema) {
            return fail(Code::StartFailed,
                        "The schema of the " + std::string(word_for(kind.family)) + " '" +
                            kind.name + "' is broken.",
                        schema.error().message);
        }
        built.schemas_.push_back(*std::move(schema));
    }
    return built;
}

const model::KindInfo* Kinds::find(model::Family family, std::string_view name) const {
    const auto at = std::ranges::find_if(kinds_, [&](const model::KindInfo& kind) {
        return kind.family == family && kind.name == name;
    });
    return at == kinds_.end() ? nullptr : &*at;
}

void Kinds::check_use(model::Family family, const model::PluginUse& use, std::string_view pointer,
                      std::vector<Fault>& faults) const {
    const model::KindInfo* kind = find(family, use.kind);
    if (kind == nullptr) {
        std::string known;
        for (const model::KindInfo& candidate : kinds_) {
            if (candidate.family == family) {
                known += (known.empty() ? "" : ", ") + candidate.name;
            }
        }
        faults.push_back({data::child_pointer(pointer, "kind"), "kind.unknown",
                          "'" + use.kind + "' is not a " + std::string(word_for(family)) +
                              "; there are: " + known});
        return;
    }
    const auto index = static_cast<std::size_t>(kind - kinds_.data());
    schemas_[index]->validate(use.config, data::child_pointer(pointer, "config"), faults);
}

void Kinds::check(const model::ApiDefinition& api, std::string_view pointer,
                  std::vector<Fault>& faults) const {
    check_use(model::Family::Auth, api.auth, data::child_pointer(pointer, "auth"), faults);
    const std::string policies = data::child_pointer(pointer, "policies");
    for (std::size_t i = 0; i < api.policies.size(); ++i) {
        check_use(model::Family::Policy, api.policies[i], data::child_pointer(policies, i), faults);
    }
    if (api.backend.chosen()) {
        check_use(model::Family::Backend, api.backend, data::child_pointer(pointer, "backend"),
                  faults);
    }
}

void Kinds::check(const model::ServiceDefinition& definition, std::string_view pointer,
                  std::vector<Fault>& faults) const {
    const std::string policies = data::child_pointer(pointer, "policies");
    for (std::size_t i = 0; i < definition.policies.size(); ++i) {
        check_use(model::Family::Policy, definition.policies[i], data::child_pointer(policies, i),
                  faults);
    }
    const std::string apis = data::child_pointer(pointer, "apis");
    for (std::size_t i = 0; i < definition.apis.size(); ++i) {
        check(definition.apis[i], data::child_pointer(apis, i), faults);
    }
}

std::vector<Kinds::Reference> Kinds::references(const model::ServiceDefinition& definition,
                                                std::string_view what) const {
    std::vector<Reference> found;
    for (std::size_t i = 0; i < definition.apis.size(); ++i) {
        const model::PluginUse& use = definition.apis[i].backend;
        const model::KindInfo* kind = find(model::Family::Backend, use.kind);
        const data::Json* properties =
            kind == nullptr ? nullptr : data::find(kind->schema, "properties");
        if (properties == nullptr) { continue; }
        for (const auto& property : properties->items()) {
            if (data::find_string(property.value(), "x-refers-to") != what) { continue; }
            const std::string_view name = data::find_string(use.config, property.key());
            if (name.empty()) { continue; }
            found.push_back({data::child_pointer("/apis", i) + "/backend/config/" + property.key(),
                             std::string(name)});
        }
    }
    return found;
}

data::Json Kinds::masked(data::Json json) const {
    if (!json.is_structured()) { return json; }
    const std::string_view kind_name = data::find_string(json, "kind");
    for (const model::KindInfo& kind : kinds_) {
        if (!kind_name.empty() && kind.name == kind_name) { mask_use(json, kind); }
    }
    for (data::Json& member : json) {
        member = masked(std::move(member));
    }
    return json;
}

}  // namespace lintel::management
