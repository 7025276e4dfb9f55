#include "admin/request_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace lintel::admin {

namespace {

using data::Json;

constexpr std::int64_t kNoVersion = -1;
/// A whole draft with a thousand APIs fits.
constexpr std::size_t kMaxNodes = 1'000'000;

std::string_view media_type_of(std::string_view content_type) {
    return trim(content_type.substr(0, content_type.find(';')));
}

std::string join(const std::vector<std::string>& texts) {
    return fmt::format("{}", fmt::join(texts, " or "));
}

/// Names the operation does not know, and names given twice, unless each is an item of a list.
void check_names(const Operation& operation, const std::vector<data::RawPair>& pairs,
                 std::vector<Fault>& faults) {
    std::vector<std::string> seen;
    for (const data::RawPair& pair : pairs) {
        std::string name = data::percent_decode(pair.name, true);
        const std::string pointer = data::child_pointer("/query", name);
        const auto known = std::ranges::find(operation.query_parameters, name,
                                             [](const Parameter& p) { return p.shape.name; });
        if (known == operation.query_parameters.end()) {
            faults.push_back({pointer, "query.unknown", "is not a parameter of this operation"});
        } else if (known->shape.type != data::ValueType::Array &&
                   std::ranges::find(seen, name) != seen.end()) {
            faults.push_back({pointer, "query.repeated", "may be given once"});
        }
        seen.push_back(std::move(name));
    }
}

}  // namespace

Result<Json> read_query(const Operation& operation, std::string_view query) {
    std::vector<Fault> faults;
    ASSIGN_OR_RETURN(const std::vector<data::RawPair> pairs, data::split_query(query));
    check_names(operation, pairs, faults);
    Json values = Json::object();
    for (const Parameter& parameter : operation.query_parameters) {
        const std::string& name = parameter.shape.name;
        const std::string pointer = data::child_pointer("/query", name);
        const auto value = data::read_query_parameter(parameter.shape, pairs);
        if (!value) {
            // A name given twice has its fault already; that it cannot be read says nothing new.
            if (std::ranges::find(faults, pointer, &Fault::pointer) == faults.end()) {
                faults.push_back({pointer, "schema.type", value.error().message});
            }
        } else if (*value) {
            if (parameter.schema->validate(**value, pointer, faults)) { values[name] = **value; }
        } else if (parameter.required) {
            faults.push_back({pointer, "field.required", "is required"});
        } else if (parameter.default_value) {
            values[name] = *parameter.default_value;
        }
    }
    if (!faults.empty()) {
        return fail({.code = Code::QueryInvalid,
                     .message = "The query of " + operation.id + " is not right",
                     .faults = std::move(faults)});
    }
    return values;
}

Result<Json> read_path(const Operation& operation,
                       const std::vector<std::pair<std::string_view, std::string>>& values) {
    Json read = Json::object();
    for (const Parameter& parameter : operation.path_parameters) {
        const auto found = std::ranges::find(values, parameter.shape.name,
                                             [](const auto& value) { return value.first; });
        if (found == values.end()) {
            return fail(Code::Internal, "", parameter.shape.name + " is not in the path template");
        }
        const auto value = data::parse_scalar(found->second, parameter.shape.type);
        std::vector<Fault> faults;
        if (!value || !parameter.schema->validate(*value, "", faults)) {
            return fail(Code::NotFound,
                        fmt::format("'{}' cannot be a {}", found->second, parameter.shape.name));
        }
        read[parameter.shape.name] = *value;
    }
    return read;
}

Result<Json> read_body(const Operation& operation, std::string_view content_type,
                       std::string_view body) {
    if (!operation.body) {
        if (!body.empty()) {
            return fail(Code::BodyMalformed, operation.id + " takes no body; send none");
        }
        return Json(nullptr);
    }
    const BodyRule& rule = *operation.body;
    const std::string type = to_lower(media_type_of(content_type));
    if (std::ranges::find(rule.media_types, type) == rule.media_types.end()) {
        return fail(Code::MediaTypeUnsupported,
                    type.empty() ? "Content-Type is missing; send " + join(rule.media_types)
                                 : fmt::format("{} takes {}, not '{}'", operation.id,
                                               join(rule.media_types), type));
    }
    ASSIGN_OR_RETURN(Json value, data::parse_json(body, {.max_nodes = kMaxNodes}));
    std::vector<Fault> faults;
    if (!rule.schema->validate(value, "", faults)) {
        return fail({.code = Code::FieldInvalid,
                     .message = fmt::format("{} field(s) of the body are not right", faults.size()),
                     .faults = std::move(faults)});
    }
    return value;
}

Result<management::ExpectedVersion> read_if_match(const Operation& operation,
                                                  std::string_view value) {
    value = trim(value);
    if (operation.if_match == Presence::Absent || value == "*") { return std::nullopt; }
    if (value.empty()) {
        if (operation.if_match == Presence::Optional) { return std::nullopt; }
        return fail(
            Code::PreconditionRequired,
            operation.id + " changes an object that has versions; send its ETag in If-Match");
    }
    std::int64_t version = kNoVersion;
    if (value.size() > 2 && value.front() == '"' && value.back() == '"') {
        const std::string_view digits = value.substr(1, value.size() - 2);
        std::int64_t parsed = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
        if (error == std::errc() && end == digits.data() + digits.size()) { version = parsed; }
    }
    return version;
}

}  // namespace lintel::admin
