#include "model/access_policy.h"

#include "model/names.h"

namespace lintel::model {

namespace {

constexpr Names<Effect, 2> kEffects{{{Effect::Allow, "Allow"}, {Effect::Deny, "Deny"}}};

std::vector<std::string> read_texts(const data::Json& statement, const char* member,
                                    const std::string& pointer, std::vector<Fault>& faults) {
    std::vector<std::string> texts;
    const std::string at = data::child_pointer(pointer, std::string_view(member));
    const data::Json* const list = data::find(statement, member);
    if (list == nullptr || !list->is_array() || list->empty()) {
        faults.push_back({at, "field.type", "must be a list of at least one text"});
        return texts;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        if ((*list)[i].is_string()) {
            texts.push_back((*list)[i].get<std::string>());
        } else {
            faults.push_back({data::child_pointer(at, i), "field.type", "must be a text"});
        }
    }
    return texts;
}

AccessStatement read_statement(const data::Json& json, const std::string& pointer,
                               std::vector<Fault>& faults) {
    AccessStatement statement;
    if (!json.is_object()) {
        faults.push_back({pointer, "field.type", "must be an object"});
        return statement;
    }
    for (const auto& member : json.items()) {
        const std::string& key = member.key();
        if (key != "effect" && key != "actions" && key != "resources") {
            faults.push_back(
                {data::child_pointer(pointer, key), "field.unknown", "is not part of a statement"});
        }
    }
    const std::optional<Effect> effect = parse_effect(data::find_string(json, "effect"));
    if (!effect) { faults.push_back({pointer + "/effect", "field.enum", "must be Allow or Deny"}); }
    statement.effect = effect.value_or(Effect::Deny);
    statement.actions = read_texts(json, "actions", pointer, faults);
    statement.resources = read_texts(json, "resources", pointer, faults);
    return statement;
}

}  // namespace

std::string_view name(Effect effect) {
    return name_of(kEffects, effect);
}

std::optional<Effect> parse_effect(std::string_view text) {
    return value_of(kEffects, text);
}

data::Json to_json(const std::vector<AccessStatement>& statements) {
    data::Json list = data::Json::array();
    for (const AccessStatement& statement : statements) {
        list.push_back({{"effect", std::string(name(statement.effect))},
                        {"actions", statement.actions},
                        {"resources", statement.resources}});
    }
    return list;
}

data::Json to_json(const AccessPolicy& policy) {
    return {{"id", policy.id.str()},
            {"name", policy.name},
            {"description", policy.description},
            {"statements", to_json(policy.statements)},
            {"version", policy.version},
            {"created_at", to_rfc3339(policy.created_at)},
            {"created_by", policy.created_by},
            {"updated_at", to_rfc3339(policy.updated_at)}};
}

Result<std::vector<AccessStatement>> access_statements_from_json(const data::Json& json) {
    std::vector<AccessStatement> statements;
    std::vector<Fault> faults;
    if (!json.is_array()) { faults.push_back({"", "field.type", "must be a list"}); }
    for (std::size_t i = 0; i < json.size() && json.is_array(); ++i) {
        statements.push_back(read_statement(json[i], data::child_pointer("", i), faults));
    }
    if (!faults.empty()) {
        return fail({.code = Code::FieldInvalid,
                     .message = "Some statements are not valid.",
                     .faults = std::move(faults)});
    }
    return statements;
}

}  // namespace lintel::model
