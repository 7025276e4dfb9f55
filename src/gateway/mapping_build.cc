#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "data/parameter_style.h"
#include "gateway/mapping_plan.h"
#include "gateway/media_type.h"
#include "gateway/parameter_text.h"
#include "gateway/request_body.h"
#include "gateway/uri_text.h"
#include "http/message.h"

namespace lintel::gateway {

namespace {

using data::Json;
using data::ParameterStyle;

constexpr std::array<std::pair<std::string_view, SystemValue>, 6> kSystemValues{{
    {"client_ip", SystemValue::ClientIp},
    {"request_id", SystemValue::RequestId},
    {"environment", SystemValue::Environment},
    {"service_id", SystemValue::ServiceId},
    {"api_id", SystemValue::ApiId},
    {"caller", SystemValue::Caller},
}};

struct Declared {
    std::string location;
    std::string name;
    data::ParameterShape shape;
    std::optional<Json> otherwise;
    bool is_moved = false;    ///< a row takes its value
    bool is_written = false;  ///< a row writes its place
};

/// Fields the gateway writes itself or that would change how the message is read.
bool is_own_field(std::string_view name) {
    const http::HeaderId id = http::header_id(name);
    return http::kHopByHop.contains(id) || id == http::HeaderId::Host ||
           id == http::HeaderId::ContentLength || id == http::HeaderId::Expect;
}

std::vector<std::string> field_path(std::string_view name) {
    std::vector<std::string> path;
    for (const std::string_view part : split(name, '.')) {
        path.emplace_back(part);
    }
    return path;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string_view text_at(const Json& object, std::string_view outer, std::string_view inner) {
    const Json* member = data::find(object, outer);
    return member == nullptr ? std::string_view() : data::find_string(*member, inner);
}

/// Builds one plan, collecting all faults.
class MappingBuilder {
public:
    MappingBuilder(const Json& api, Mapping::Plan& plan) : api_(api), plan_(plan) {}

    std::vector<Fault> build() {
        read_declared();
        const Json* mapping = data::find(api_, "mapping");
        if (mapping != nullptr) {
            const Json* only = data::find(*mapping, "only_mapped");
            plan_.only_mapped = only != nullptr && only->is_boolean() && only->get<bool>();
            if (const Json* rows = data::find(*mapping, "rows");
                rows != nullptr && rows->is_array()) {
                for (std::size_t i = 0; i < rows->size(); ++i) {
                    add_row((*rows)[i], data::child_pointer("/mapping/rows", i));
                }
            }
        }
        plan_path(api_, plan_, faults_);
        settle_query();
        settle_fields();
        settle_body();
        forget_what_nobody_asks();
        return std::move(faults_);
    }

private:
    void fault(std::string pointer, std::string code, std::string detail) {
        faults_.push_back({std::move(pointer), std::move(code), std::move(detail)});
    }

    void read_declared() {
        const Json* parameters = data::find(api_, "parameters");
        if (parameters == nullptr) { return; }
        for (const Json& json : *parameters) {
            Declared declared;
            declared.location = data::find_string(json, "location");
            declared.name = data::find_string(json, "name");
            declared.shape = shape_of(json, declared);
            const Json* otherwise = data::find(json, "default");
            if (otherwise != nullptr && !otherwise->is_null()) { declared.otherwise = *otherwise; }
            declared_.push_back(std::move(declared));
        }
    }

    data::ParameterShape shape_of(const Json& json, const Declared& declared) const {
        const bool in_query = declared.location == "query";
        const std::string_view named = data::find_string(json, "style");
        const ParameterStyle style = data::parameter_style(named).value_or(
            in_query ? ParameterStyle::Form : ParameterStyle::Simple);
        const Json* explode = data::find(json, "explode");
        const bool is_exploded = explode != nullptr && explode->is_boolean()
                                     ? explode->get<bool>()
                                     : style == ParameterStyle::Form;
        const Json* schema = data::find(json, "schema");
        return data::parameter_shape(
            declared.name, style, is_exploded, false,
            schema != nullptr && schema->is_object()
                ? *schema
                : Json{{"type", std::string(data::find_string(json, "type"))}},
            api_);
    }

    Declared* find_declared(std::string_view location, std::string_view name) {
        const auto found = std::ranges::find_if(declared_, [&](const Declared& declared) {
            return declared.location == location &&
                   (location == "header" ? equals_ignoring_case(declared.name, name)
                                         : declared.name == name);
        });
        return found == declared_.end() ? nullptr : &*found;
    }

    void add_row(const Json& json, const std::string& pointer) {
        Row row;
        const std::string_view location = text_at(json, "to", "location");
        row.name = text_at(json, "to", "name");
        if (!read_source(json, pointer, row) || !check_target(row, location, pointer)) { return; }
        if (Declared* target = find_declared(location, row.name)) { target->is_written = true; }
        if (location == "path") {
            plan_.path_rows.push_back(std::move(row));
        } else if (location == "query") {
            plan_.query_rows.push_back(std::move(row));
        } else if (location == "header") {
            plan_.field_rows.push_back(std::move(row));
        } else {
            row.field_path = field_path(row.name);
            plan_.body_rows.push_back(std::move(row));
        }
    }

    bool read_source(const Json& json, const std::string& pointer, Row& row) {
        const Json* from = data::find(json, "from");
        if (from == nullptr) { return false; }
        if (const Json* parameter = data::find(*from, "parameter")) {
            return read_parameter(*parameter, pointer + "/from/parameter", row);
        }
        const std::string_view system = data::find_string(*from, "system");
        if (!system.empty()) {
            const auto found = std::ranges::find(kSystemValues, system,
                                                 &std::pair<std::string_view, SystemValue>::first);
            if (found == kSystemValues.end()) {
                fault(pointer + "/from/system", "field.choice", "is not a system value");
                return false;
            }
            row.from.kind = RowSource::Kind::System;
            row.from.system = found->second;
            row.from_text = "system value '" + std::string(system) + "'";
            return true;
        }
        const Json* constant = data::find(*from, "constant");
        row.from.constant = constant == nullptr ? Json(nullptr) : *constant;
        row.from_text = "the constant";
        return true;
    }

    bool read_parameter(const Json& json, const std::string& pointer, Row& row) {
        const std::string_view location = data::find_string(json, "location");
        const std::string_view name = data::find_string(json, "name");
        row.from_text = std::string(location) + " parameter '" + std::string(name) + "'";
        if (Declared* declared = find_declared(location, name)) {
            declared->is_moved = true;
            row.from.kind = RowSource::Kind::Parameter;
            row.from.parameter = static_cast<std::size_t>(declared - declared_.data());
            return true;
        }
        if (location != "body") {
            fault(pointer + "/name", "mapping.unknown_parameter",
                  "the api declares no " + row.from_text + "; declare it first");
            return false;
        }
        row.from.kind = RowSource::Kind::BodyField;
        row.from.field_path = field_path(name);
        plan_.looks_into_body = true;
        return true;
    }

    bool check_target(const Row& row, std::string_view location, const std::string& pointer) {
        const std::string at = pointer + "/to/name";
        const bool is_constant = row.from.kind == RowSource::Kind::Constant;
        if (location == "header") {
            if (!is_token(row.name) || is_own_field(row.name)) {
                fault(at, "mapping.target", "is not a header field a mapping may write");
                return false;
            }
            if (is_constant && has_control(text_of(row.from.constant))) {
                fault(pointer + "/from/constant", "mapping.value",
                      "holds a control character, which no header field may carry");
                return false;
            }
        } else if (location == "path" && is_constant &&
                   (text_of(row.from.constant).empty() ||
                    !path_value(text_of(row.from.constant)))) {
            fault(pointer + "/from/constant", "mapping.value", "cannot stand in a path segment");
            return false;
        } else if (location == "body" && has(field_path(row.name), "")) {
            fault(at, "mapping.target", "is not a dotted path");
            return false;
        }
        if (is_taken(row.name, location)) {
            fault(at, "mapping.conflict", "another row writes the same place");
            return false;
        }
        return true;
    }

    bool is_taken(std::string_view name, std::string_view location) const {
        const auto same = [&](const Row& row) { return row.name == name; };
        const auto same_field = [&](const Row& row) {
            return equals_ignoring_case(row.name, name);
        };
        const auto overlaps = [&](const Row& row) {
            return row.name == name || row.name.starts_with(std::string(name) + ".") ||
                   name.starts_with(row.name + ".");
        };
        if (location == "path") { return std::ranges::any_of(plan_.path_rows, same); }
        if (location == "query") { return std::ranges::any_of(plan_.query_rows, same); }
        if (location == "header") { return std::ranges::any_of(plan_.field_rows, same_field); }
        return std::ranges::any_of(plan_.body_rows, overlaps);
    }

    void settle_query() {
        for (const Declared& declared : declared_) {
            if (declared.location != "query") { continue; }
            QueryNames names = query_names(declared.shape);
            if (declared.is_moved || declared.is_written) {
                plan_.dropped_query.push_back(std::move(names));
                continue;
            }
            plan_.declared_query.push_back(names);
            if (declared.otherwise) {
                plan_.query_defaults.push_back(
                    {std::move(names), query_fragment(declared.shape, *declared.otherwise)});
            }
        }
        for (const Row& row : plan_.query_rows) {
            plan_.dropped_query.push_back({.exact = {row.name}});
        }
        plan_.rewrites_query = plan_.only_mapped || !plan_.query_rows.empty() ||
                               !plan_.dropped_query.empty() || !plan_.query_defaults.empty();
    }

    void settle_fields() {
        for (const Declared& declared : declared_) {
            if (declared.location != "header") { continue; }
            if (declared.is_moved || declared.is_written) {
                plan_.dropped_fields.push_back(declared.name);
                continue;
            }
            plan_.declared_fields.push_back(declared.name);
            if (declared.otherwise) {
                plan_.field_defaults.push_back(
                    {declared.name, field_text(declared.shape, *declared.otherwise)});
            }
        }
        for (const Row& row : plan_.field_rows) {
            plan_.dropped_fields.push_back(row.name);
        }
    }

    void settle_body() {
        for (const Declared& declared : declared_) {
            if (declared.location != "body") { continue; }
            if (declared.is_moved && !declared.is_written) {
                plan_.dropped_members.push_back(declared.name);
                continue;
            }
            if (declared.is_written) { continue; }
            plan_.declared_members.push_back(declared.name);
            if (declared.otherwise) {
                plan_.member_defaults.push_back({declared.name, *declared.otherwise});
            }
        }
        const Json* body = data::find(api_, "body");
        const Json* content = body == nullptr ? nullptr : data::find(*body, "content");
        plan_.declares_body = body != nullptr && body->is_object();
        if (content != nullptr && content->is_object() && !content->empty()) {
            plan_.writes_form = std::ranges::all_of(content->items(), [](const auto& member) {
                return MediaType::parse(member.key()).is_form();
            });
        }
        const bool filters =
            plan_.only_mapped && !plan_.declares_body && !plan_.declared_members.empty();
        plan_.rewrites_body = filters || !plan_.body_rows.empty() ||
                              !plan_.dropped_members.empty() || !plan_.member_defaults.empty();
    }

    void forget_what_nobody_asks() {
        if (!plan_.rewrites_body) { plan_.writes_form = false; }
        if (plan_.only_mapped) { return; }
        plan_.declared_query.clear();
        plan_.declared_fields.clear();
        plan_.declared_members.clear();
        plan_.declares_body = false;
    }

    const Json& api_;
    Mapping::Plan& plan_;
    std::vector<Declared> declared_;
    std::vector<Fault> faults_;
};

}  // namespace

Result<Mapping> Mapping::build(const Json& api) {
    auto plan = std::make_shared<Plan>();
    std::vector<Fault> faults = MappingBuilder(api, *plan).build();
    if (!faults.empty()) {
        return fail(Error{.code = Code::FieldInvalid,
                          .message = "the mapping of the api is not valid",
                          .faults = std::move(faults)});
    }
    static const auto nothing = std::make_shared<const Plan>();
    return Mapping(*plan == *nothing ? nothing : std::move(plan));
}

}  // namespace lintel::gateway
