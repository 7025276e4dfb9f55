#include "model/rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/ascii.h"
#include "base/text.h"

namespace lintel::model {

namespace {

constexpr std::size_t kMaxParameterNameLength = 256;
constexpr std::size_t kMaxMappingRows = 200;
constexpr std::size_t kMaxPolicies = 20;
constexpr std::size_t kMaxApiGroups = 200;
constexpr std::size_t kMaxErrorCodes = 100;
constexpr std::size_t kMaxExampleBytes = 65'536;

/// Collects faults under one pointer.
class Checker {
public:
    Checker(std::string_view pointer, Faults& faults) : pointer_(pointer), faults_(faults) {}

    void fault(std::string_view name, std::string code, std::string detail) {
        faults_.push_back(
            {data::child_pointer(pointer_, name), std::move(code), std::move(detail)});
    }
    /// `path` is one member name or several joined by "/".
    std::string at(std::string_view path, std::size_t index) const {
        return data::child_pointer(pointer_ + "/" + std::string(path), index);
    }
    Faults& faults() { return faults_; }

    /// A name people read: neither blank nor long, one line.
    void title(std::string_view name, std::string_view value, std::size_t limit) {
        if (trim(value).empty()) {
            fault(name, "field.required", "is required and must not be blank");
        } else if (value.find_first_of("\r\n\t") != std::string_view::npos) {
            fault(name, "field.characters", "must be one line");
        } else {
            text(name, value, limit);
        }
    }
    void text(std::string_view name, std::string_view value, std::size_t limit) {
        if (character_count(value) > limit) {
            fault(name, "field.length",
                  "may have at most " + std::to_string(limit) + " characters");
        }
        const auto is_control = [](char c) {
            const bool is_space = c == '\n' || c == '\r' || c == '\t';
            return (c >= 0 && c < 0x20 && !is_space) || c == 0x7f;
        };
        if (std::ranges::any_of(value, is_control)) {
            fault(name, "field.characters", "contains a control character");
        }
    }
    void too_many(std::string_view name, std::size_t count, std::size_t limit) {
        if (count > limit) {
            fault(name, "field.count",
                  "may have at most " + std::to_string(limit) + " entries; there are " +
                      std::to_string(count));
        }
    }

private:
    std::string pointer_;
    Faults& faults_;
};

bool has_type(const data::Json& value, ParameterType type) {
    switch (type) {
        case ParameterType::String: return value.is_string();
        case ParameterType::Integer: return value.is_number() && data::is_integer(value);
        case ParameterType::Number: return value.is_number();
        case ParameterType::Boolean: return value.is_boolean();
        case ParameterType::Array: return value.is_array();
        case ParameterType::Object: return value.is_object();
    }
    return false;
}

void check_labels(const Labels& labels, std::string_view pointer, Checker& checker) {
    checker.too_many("labels", labels.size(), kMaxLabels);
    Checker rows(data::child_pointer(pointer, "labels"), checker.faults());
    for (const auto& [name, value] : labels) {
        if (!is_label_name(name)) {
            rows.fault(name, "label.name",
                       "is no name of a label: 1 to 63 of 'a' to 'z', digits, and '.', '_' or '-' "
                       "between them");
        }
        if (value.find_first_of("\r\n\t") != std::string::npos) {
            rows.fault(name, "field.characters", "must be one line");
        }
        rows.text(name, value, kMaxLabelValue);
    }
}

void check_policies(const std::vector<PluginUse>& policies, Checker& checker) {
    checker.too_many("policies", policies.size(), kMaxPolicies);
    std::set<std::string> kinds;
    for (std::size_t i = 0; i < policies.size(); ++i) {
        if (!kinds.insert(policies[i].kind).second) {
            checker.faults().push_back(
                {checker.at("policies", i), "policy.duplicate",
                 "'" + policies[i].kind + "' is already listed; one policy of a kind is enough"});
        }
    }
}

void check_parameters(const ApiDefinition& api, Checker& checker) {
    if (api.parameters.size() > kMaxParameters) {
        checker.fault("parameters", "parameter.count",
                      "an API has at most " + std::to_string(kMaxParameters) +
                          " parameters; there are " + std::to_string(api.parameters.size()));
    }
    std::set<std::pair<Location, std::string>> seen;
    for (std::size_t i = 0; i < api.parameters.size(); ++i) {
        const Parameter& parameter = api.parameters[i];
        const std::string pointer = checker.at("parameters", i);
        check(parameter, pointer, checker.faults());
        const std::string key =
            parameter.location == Location::Header ? to_lower(parameter.name) : parameter.name;
        if (!seen.emplace(parameter.location, key).second) {
            checker.faults().push_back({pointer, "parameter.duplicate",
                                        "there is already a " +
                                            std::string(name(parameter.location)) + " parameter '" +
                                            parameter.name + "'"});
        }
        if (parameter.location == Location::Body && api.body) {
            checker.faults().push_back(
                {pointer, "parameter.body_twice",
                 "the API has a body with a schema; describe this value there, or remove 'body'"});
        }
    }
}

void check_path(const ApiDefinition& api, Checker& checker) {
    const Result<std::vector<std::string>> names = path_parameters(api.path);
    if (!names) {
        checker.fault("path", "path.invalid", names.error().message);
        return;
    }
    for (const std::string& name : *names) {
        const bool declared = std::ranges::any_of(api.parameters, [&](const Parameter& parameter) {
            return parameter.location == Location::Path && parameter.name == name;
        });
        if (!declared) {
            checker.fault("path", "path.undeclared",
                          "names '{" + name + "}'; declare it as a path parameter");
        }
    }
    for (std::size_t i = 0; i < api.parameters.size(); ++i) {
        const Parameter& parameter = api.parameters[i];
        if (parameter.location == Location::Path &&
            std::ranges::find(*names, parameter.name) == names->end()) {
            checker.faults().push_back({checker.at("parameters", i), "parameter.not_in_path",
                                        "the path has no '{" + parameter.name + "}'"});
        }
    }
}

void check_mapping(const ApiDefinition& api, Checker& checker) {
    checker.too_many("mapping", api.mapping.rows.size(), kMaxMappingRows);
    std::set<std::pair<Location, std::string>> targets;
    for (std::size_t i = 0; i < api.mapping.rows.size(); ++i) {
        const MappingRow& row = api.mapping.rows[i];
        const std::string pointer = checker.at("mapping/rows", i);
        Checker target(pointer + "/to", checker.faults());
        target.title("name", row.name, kMaxParameterNameLength);
        if (row.location == Location::Header && !row.name.empty() && !is_token(row.name)) {
            target.fault("name", "mapping.header_name", "is not a valid header field name");
        }
        const std::string key = row.location == Location::Header ? to_lower(row.name) : row.name;
        if (!targets.emplace(row.location, key).second) {
            target.fault("name", "mapping.duplicate",
                         "two rows set the " + std::string(name(row.location)) + " value '" +
                             row.name + "'");
        }
        if (row.from.kind != MappingSource::Kind::Parameter ||
            (row.from.location == Location::Body && api.body)) {
            continue;  // what a body schema allows cannot be told from a dotted path alone
        }
        const bool declared = std::ranges::any_of(api.parameters, [&](const Parameter& parameter) {
            const std::string_view root = row.from.location == Location::Body
                                              ? split(row.from.name, '.').front()
                                              : std::string_view(row.from.name);
            return parameter.location == row.from.location &&
                   (parameter.name == row.from.name || parameter.name == root ||
                    (parameter.location == Location::Header &&
                     equals_ignoring_case(parameter.name, row.from.name)));
        });
        if (!declared) {
            checker.faults().push_back({pointer + "/from/parameter/name", "mapping.undeclared",
                                        "the API has no " + std::string(name(row.from.location)) +
                                            " parameter '" + row.from.name + "'"});
        }
    }
}

/// What is only documented may say anything; what is converted must be told apart.
void check_error_codes(const std::vector<ErrorCode>& codes, std::string_view pointer,
                       Checker& checker) {
    checker.too_many("responses", codes.size(), kMaxErrorCodes);
    const std::string rows = std::string(pointer) + "/responses/error_codes";
    std::set<std::string> converted;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const ErrorCode& code = codes[i];
        if (!code.convert) { continue; }
        Checker row(data::child_pointer(rows, i), checker.faults());
        if (code.code.empty()) {
            row.fault("code", "error_code.missing",
                      "must be the status to convert, or the \"code\" in a JSON answer");
        } else if (!converted.insert(code.code).second) {
            row.fault("code", "error_code.duplicate", "another row converts this code already");
        }
        if (code.converted_code.empty()) {
            row.fault("converted_code", "error_code.missing",
                      "must be the status, or a code of your own, that callers get instead");
        }
    }
}

void check_unique_apis(const ServiceDefinition& definition, Checker& checker) {
    std::map<std::string, std::string> names;
    std::map<std::string, std::string> routes;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < definition.apis.size(); ++i) {
        const ApiDefinition& api = definition.apis[i];
        const std::string pointer = checker.at("apis", i);
        if (!names.emplace(api.name, pointer).second) {
            checker.faults().push_back({pointer + "/name", "api.name_taken",
                                        "another API of the service is named '" + api.name + "'"});
        }
        const std::string route = std::string(name(api.method)) + " " + path_shape(api.path);
        if (const auto [at, added] = routes.emplace(route, api.name); !added) {
            checker.faults().push_back({pointer + "/path", "api.duplicate",
                                        std::string(name(api.method)) + " " + api.path +
                                            " is already the API '" + at->second +
                                            "'; parameter names do not tell paths apart"});
        }
        if (!api.id.empty() && !ids.insert(api.id.str()).second) {
            checker.faults().push_back(
                {pointer + "/id", "api.id_taken", "another API of the service has this id"});
        }
    }
}

void check_groups(const ServiceDefinition& definition, Checker& checker) {
    checker.too_many("api_groups", definition.api_groups.size(), kMaxApiGroups);
    std::set<std::string> names{std::string(kDefaultGroup)};
    for (std::size_t i = 0; i < definition.api_groups.size(); ++i) {
        const ApiGroup& group = definition.api_groups[i];
        Checker row(checker.at("api_groups", i), checker.faults());
        row.title("name", group.name, kMaxGroupName);
        if (!names.insert(group.name).second) {
            row.fault("name", "group.name_taken",
                      "there is already an API group '" + group.name + "'");
        }
    }
    for (std::size_t i = 0; i < definition.apis.size(); ++i) {
        if (!names.contains(definition.apis[i].group)) {
            checker.faults().push_back({checker.at("apis", i) + "/group", "group.unknown",
                                        "there is no API group '" + definition.apis[i].group +
                                            "'; create it or use 'Default'"});
        }
    }
}

bool is_code_character(char c) {
    return is_lower(c) || is_digit(c);
}

}  // namespace

std::size_t character_count(std::string_view text) {
    if (!is_valid_utf8(text)) { return std::string_view::npos; }
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_service_code(std::string_view code) {
    return code.size() >= 3 && code.size() <= 40 && !code.starts_with('-') &&
           !code.ends_with('-') && !code.contains("--") &&
           std::ranges::all_of(code, [](char c) { return c == '-' || is_code_character(c); });
}

bool is_environment_code(std::string_view code) {
    return !code.empty() && code.size() <= 16 && std::ranges::all_of(code, is_code_character);
}

void check(const Parameter& parameter, std::string_view pointer, Faults& faults) {
    Checker checker(pointer, faults);
    checker.title("name", parameter.name, kMaxParameterNameLength);
    if (parameter.location == Location::Header && !parameter.name.empty() &&
        !is_token(parameter.name)) {
        checker.fault("name", "parameter.header_name",
                      "is not a valid header field name; use letters, digits and '-'");
    }
    if (parameter.location == Location::Path && !parameter.required) {
        checker.fault("required", "parameter.path_required", "must be true for a path parameter");
    }
    constexpr std::array<std::string_view, 9> kStyles{
        "",           "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited",
        "deepObject", "json"};
    if (std::ranges::find(kStyles, parameter.style) == kStyles.end()) {
        checker.fault("style", "field.choice",
                      "must be one of simple, label, matrix, form, spaceDelimited, pipeDelimited, "
                      "deepObject, json");
    }
    // With a schema of its own the value is judged by that schema when the release is compiled.
    if (parameter.schema.is_null() && !parameter.default_value.is_null() &&
        !has_type(parameter.default_value, parameter.type)) {
        checker.fault("default", "parameter.default_type",
                      "is not of the parameter's type '" + std::string(name(parameter.type)) + "'");
    }
}

void check(const ApiDefinition& api, std::string_view pointer, Faults& faults) {
    Checker checker(pointer, faults);
    checker.title("name", api.name, kMaxApiName);
    checker.text("description", api.description, kMaxDescription);
    checker.title("group", api.group, kMaxGroupName);
    check_labels(api.labels, pointer, checker);
    check_path(api, checker);
    check_parameters(api, checker);
    check_policies(api.policies, checker);
    check_mapping(api, checker);
    check_error_codes(api.responses.error_codes, pointer, checker);
    if (api.responses.success_example.size() > kMaxExampleBytes ||
        api.responses.failure_example.size() > kMaxExampleBytes) {
        checker.fault("responses", "field.length", "an example may have at most 65536 bytes");
    }
    if (!api.auth.chosen()) {
        checker.fault("auth", "field.required", "choose how callers are authenticated");
    }
}

void check(const ServiceDefinition& definition, std::string_view pointer, Faults& faults) {
    Checker checker(pointer, faults);
    checker.title("name", definition.name, kMaxServiceName);
    checker.text("description", definition.description, kMaxDescription);
    checker.title("group", definition.group, kMaxGroupName);
    check_labels(definition.labels, pointer, checker);
    if (definition.oauth2.token_ttl_s < kMinTokenTtlS ||
        definition.oauth2.token_ttl_s > kMaxTokenTtlS) {
        checker.fault("oauth2", "field.range", "token_ttl_s must be from 60 to 86400 seconds");
    }
    check_policies(definition.policies, checker);
    check_groups(definition, checker);
    checker.too_many("apis", definition.apis.size(), kMaxApis);
    for (std::size_t i = 0; i < definition.apis.size(); ++i) {
        check(definition.apis[i], checker.at("apis", i), faults);
    }
    check_unique_apis(definition, checker);
}

Faults incomplete(const ServiceDefinition& definition) {
    Faults faults;
    if (definition.apis.empty()) {
        faults.push_back({"/apis", "publish.no_api", "the service has no API; create one first"});
    }
    for (std::size_t i = 0; i < definition.apis.size(); ++i) {
        const ApiDefinition& api = definition.apis[i];
        if (!api.backend.chosen()) {
            faults.push_back({data::child_pointer("/apis", i) + "/backend", "publish.no_backend",
                              "the API '" + api.name + "' (" + std::string(name(api.method)) + " " +
                                  api.path + ") has no backend; choose one"});
        }
    }
    return faults;
}

}  // namespace lintel::model
