#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "openapi/read_operation.h"

namespace lintel::openapi {
namespace {

using data::Json;
using data::ParameterStyle;

std::string_view type_text(data::ValueType type) {
    switch (type) {
        case data::ValueType::Integer: return "integer";
        case data::ValueType::Number: return "number";
        case data::ValueType::Boolean: return "boolean";
        case data::ValueType::Array: return "array";
        case data::ValueType::Object: return "object";
        case data::ValueType::Any:
        case data::ValueType::String: break;
    }
    return "string";
}

bool style_fits(ParameterStyle style, Location location) {
    switch (style) {
        case ParameterStyle::Simple: return location != Location::Query;
        case ParameterStyle::Label:
        case ParameterStyle::Matrix: return location == Location::Path;
        case ParameterStyle::Form:
        case ParameterStyle::SpaceDelimited:
        case ParameterStyle::PipeDelimited:
        case ParameterStyle::DeepObject: return location == Location::Query;
        case ParameterStyle::Json: return true;
    }
    return false;
}

/// Headers that OpenAPI describes elsewhere: body and security.
bool is_reserved_header(std::string_view name) {
    return equals_ignoring_case(name, "accept") || equals_ignoring_case(name, "content-type") ||
           equals_ignoring_case(name, "authorization");
}

class ParameterReader {
public:
    ParameterReader(ReadContext& context, const OperationSite& site)
        : context_(context), site_(site) {}

    std::vector<Parameter> read() {
        // Those of the operation come first and replace those of the path with the same name and
        // place.
        read_list(site_.operation);
        read_list(site_.path_item);
        add_undeclared();
        return std::move(parameters_);
    }

private:
    Source& source() { return context_.source; }

    void read_list(const Place& owner) {
        const auto list = source().array(owner, "parameters");
        if (!list) { return; }
        const std::set<std::pair<Location, std::string>> before = known_;
        for (std::size_t i = 0; i < list->value->size(); ++i) {
            const auto place = source().follow(list->element(i));
            if (!place) { continue; }
            if (!place->value->is_object()) {
                source().fault(place->pointer, "openapi.type", "a parameter must be an object");
                continue;
            }
            read_one(*place, before);
        }
    }

    std::optional<Location> location(const Place& place, const std::string& name) {
        const std::string text = source().text(place, "in");
        if (text == "path") { return Location::Path; }
        if (text == "query") { return Location::Query; }
        if (text == "header") { return Location::Header; }
        if (text == "cookie") {
            source().warn(
                place.pointer, "openapi.cookie_parameter",
                fmt::format(
                    "the cookie parameter '{}' is left out; cookies are passed on unchecked",
                    name));
            return std::nullopt;
        }
        source().fault(
            data::child_pointer(place.pointer, "in"), "openapi.parameter_in",
            fmt::format(
                "'in' of the parameter '{}' must be path, query, header or cookie, not '{}'", name,
                text));
        return std::nullopt;
    }

    void read_one(const Place& place, const std::set<std::pair<Location, std::string>>& before) {
        Parameter parameter;
        parameter.name = source().text(place, "name");
        if (parameter.name.empty()) {
            source().fault(place.pointer, "openapi.parameter_name", "the parameter has no name");
            return;
        }
        const auto where = location(place, parameter.name);
        if (!where || left_out(place, parameter.name, *where)) { return; }
        parameter.location = *where;
        if (*where == Location::Path && parameter.name.ends_with('+') &&
            site_.path_template.takes_rest) {
            parameter.name.pop_back();
        }
        const std::pair key(*where,
                            *where == Location::Header ? to_lower(parameter.name) : parameter.name);
        if (before.contains(key)) { return; }
        if (!known_.insert(key).second) {
            source().warn(place.pointer, "openapi.parameter_repeated",
                          fmt::format("the {} parameter '{}' is declared twice; the first counts",
                                      to_string(*where), parameter.name));
            return;
        }
        fill(place, parameter);
        parameters_.push_back(std::move(parameter));
    }

    bool left_out(const Place& place, const std::string& name, Location where) {
        if (where == Location::Header && is_reserved_header(name)) {
            source().warn(place.pointer, "openapi.reserved_header",
                          fmt::format("the header parameter '{}' is left out: OpenAPI describes it "
                                      "by body or security",
                                      name));
            return true;
        }
        const auto& names = site_.path_template.names;
        std::string_view plain = name;
        if (plain.ends_with('+') && site_.path_template.takes_rest) { plain.remove_suffix(1); }
        if (where == Location::Path && std::ranges::find(names, plain) == names.end()) {
            source().warn(place.pointer, "openapi.parameter_unused",
                          fmt::format("the path parameter '{}' is left out: {} has no {{{}}}", name,
                                      site_.path, name));
            return true;
        }
        return false;
    }

    void fill(const Place& place, Parameter& parameter) {
        parameter.description = source().text(place, "description");
        parameter.required =
            source().flag(place, "required") || parameter.location == Location::Path;
        parameter.allow_empty =
            parameter.location == Location::Query && source().flag(place, "allowEmptyValue");
        parameter.style =
            parameter.location == Location::Query ? ParameterStyle::Form : ParameterStyle::Simple;
        std::optional<Place> schema = place.member("schema");
        if (const auto content = source().object(place, "content");
            content && !content->value->empty()) {
            const auto [type, inner] = content->first_member();
            schema = inner.member("schema");
            if (is_json(to_lower(type))) { parameter.style = ParameterStyle::Json; }
        } else {
            read_style(place, parameter);
        }
        parameter.explode = parameter.style == ParameterStyle::Form ||
                            parameter.style == ParameterStyle::DeepObject;
        if (place.member("explode")) { parameter.explode = source().flag(place, "explode"); }
        if (schema) { fill_from_schema(*schema, parameter); }
        parameter.example = read_example(context_, place, schema);
    }

    void read_style(const Place& place, Parameter& parameter) {
        const std::string text = source().text(place, "style");
        if (text.empty()) { return; }
        const auto style = data::parameter_style(text);
        if (style && style_fits(*style, parameter.location)) {
            parameter.style = *style;
            return;
        }
        source().warn(
            data::child_pointer(place.pointer, "style"), "openapi.parameter_style",
            fmt::format("the style '{}' does not exist for {} parameters; '{}' is read as {}", text,
                        to_string(parameter.location), parameter.name,
                        data::to_string(parameter.style)));
    }

    void fill_from_schema(const Place& schema, Parameter& parameter) {
        parameter.schema = context_.schemas.take(schema, true);
        const data::ParameterShape shape =
            data::parameter_shape(parameter.name, parameter.style, parameter.explode,
                                  parameter.allow_empty, *schema.value, source().root());
        parameter.type = type_text(shape.type);
        const auto followed = source().follow(schema);
        if (!followed) { return; }
        if (const auto value = followed->member("default"); value && !parameter.required) {
            parameter.default_value = *value->value;
        }
    }

    void add_undeclared() {
        for (const std::string& name : site_.path_template.names) {
            if (known_.contains({Location::Path, name})) { continue; }
            source().warn(site_.operation.pointer, "openapi.parameter_undeclared",
                          fmt::format("the path parameter '{}' of {} is not declared; it is added "
                                      "as a required string",
                                      name, site_.path));
            Parameter parameter;
            parameter.name = name;
            parameter.location = Location::Path;
            parameter.required = true;
            parameter.schema = Json{{"type", "string"}};
            parameter.style = ParameterStyle::Simple;
            parameter.explode = false;
            parameters_.push_back(std::move(parameter));
        }
    }

    ReadContext& context_;
    const OperationSite& site_;
    std::vector<Parameter> parameters_;
    std::set<std::pair<Location, std::string>> known_;
};

}  // namespace

std::optional<std::vector<Parameter>> read_parameters(ReadContext& context,
                                                      const OperationSite& site) {
    std::vector<Parameter> parameters = ParameterReader(context, site).read();
    if (parameters.size() <= context.options.max_parameters) { return parameters; }
    context.source.warn(
        site.operation.pointer, "openapi.too_many_parameters",
        fmt::format("{} {} is left out: it has {} parameters, {} are allowed", site.method,
                    site.path, parameters.size(), context.options.max_parameters));
    return std::nullopt;
}

}  // namespace lintel::openapi
