#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "gateway/contract_plan.h"
#include "gateway/media_type.h"

namespace lintel::gateway {

namespace {

using data::Json;
using data::ParameterShape;
using data::ParameterStyle;

constexpr int kMaxSchemaNesting = 16;

bool flag(const Json& object, std::string_view name, bool otherwise = false) {
    const Json* value = data::find(object, name);
    return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
}

/// Members that say nothing a value could break, once its type is known.
bool says_only_type(const Json& schema) {
    constexpr std::array kSilent{"type", "description", "title", "example", "default"};
    constexpr std::array kScalars{"string", "integer", "number", "boolean"};
    if (std::ranges::find(kScalars, data::find_string(schema, "type")) == kScalars.end()) {
        return false;
    }
    return std::ranges::all_of(schema.items(), [&](const auto& member) {
        return std::ranges::find(kSilent, std::string_view(member.key())) != kSilent.end();
    });
}

/// Follows `$ref`; null when it leads nowhere or in a circle.
const Json* resolved(const Json* schema, const Json& root) {
    for (int step = 0; schema != nullptr && step < kMaxSchemaNesting; ++step) {
        const std::string_view reference = data::find_string(*schema, "$ref");
        if (reference.empty()) { return schema; }
        const Result<std::string> pointer = data::pointer_of_fragment(reference);
        schema = pointer ? data::resolve_pointer(root, *pointer) : nullptr;
    }
    return nullptr;
}

/// Properties, required names and closedness of an object schema, looking into `$ref` and allOf.
void collect_fields(const Json* schema, const Json& root, ContractBody& body, int depth = 0) {
    schema = resolved(schema, root);
    if (schema == nullptr || depth == kMaxSchemaNesting) { return; }
    if (const Json* properties = data::find(*schema, "properties");
        properties != nullptr && properties->is_object()) {
        for (const auto& [name, property] : properties->items()) {
            ParameterShape shape =
                data::parameter_shape(name, ParameterStyle::Form, true, false, property, root);
            // A field of a form holds an object as JSON text: there are no names left to spread.
            if (shape.type == data::ValueType::Object) { shape.style = ParameterStyle::Json; }
            body.fields.push_back(std::move(shape));
        }
    }
    if (const Json* required = data::find(*schema, "required");
        required != nullptr && required->is_array()) {
        for (const Json& name : *required) {
            if (name.is_string()) { body.required.push_back(name.get<std::string>()); }
        }
    }
    const Json* additional = data::find(*schema, "additionalProperties");
    if (depth == 0 && additional != nullptr && *additional == false) { body.closed = true; }
    if (const Json* parts = data::find(*schema, "allOf"); parts != nullptr && parts->is_array()) {
        for (const Json& part : *parts) {
            collect_fields(&part, root, body, depth + 1);
        }
    }
}

/// OpenAPI lets these three be declared and ignored: other parts of the definition rule them.
bool is_ruled_elsewhere(std::string_view location, std::string_view name) {
    return location == "header" &&
           (equals_ignoring_case(name, "accept") || equals_ignoring_case(name, "content-type") ||
            equals_ignoring_case(name, "authorization"));
}

/// Builds one plan, collecting all faults.
class PlanBuilder {
public:
    PlanBuilder(const Json& api, const Json& root, data::SchemaCompiler& schemas,
                Contract::Plan& plan)
        : api_(api), root_(root), schemas_(schemas), plan_(plan) {
        const Json* mapping = data::find(api, "mapping");
        const Json* rows = mapping == nullptr ? nullptr : data::find(*mapping, "rows");
        is_mapped_ = rows != nullptr && !rows->empty();
    }

    std::vector<Fault> build() {
        if (const Json* parameters = data::find(api_, "parameters");
            parameters != nullptr && parameters->is_array()) {
            plan_.parameter_count = parameters->size();
            for (std::size_t i = 0; i < parameters->size(); ++i) {
                add_parameter((*parameters)[i], i);
            }
        }
        if (const Json* body = data::find(api_, "body"); body != nullptr && body->is_object()) {
            add_body(*body);
        }
        plan_.understands_bodies = !plan_.fields.empty() ||
                                   std::ranges::any_of(plan_.bodies, [](const ContractBody& body) {
                                       return body.schema != nullptr;
                                   });
        plan_.reads_parameters = !plan_.path.empty() || !plan_.query.empty() ||
                                 !plan_.header.empty() || !plan_.fields.empty();
        return std::move(faults_);
    }

private:
    std::shared_ptr<const data::Schema> compile(const Json& schema, std::string_view pointer) {
        Result<std::shared_ptr<const data::Schema>> compiled = schemas_.compile(schema, pointer);
        if (compiled) { return *std::move(compiled); }
        Error& error = compiled.error();
        if (error.faults.empty()) {
            faults_.push_back({std::string(pointer), "schema.invalid", error.message});
        }
        std::ranges::move(error.faults, std::back_inserter(faults_));
        return nullptr;
    }

    void add_parameter(const Json& json, std::size_t index) {
        const std::string_view location = data::find_string(json, "location");
        const std::string_view name = data::find_string(json, "name");
        if (is_ruled_elsewhere(location, name)) { return; }
        const std::string pointer = data::child_pointer("/parameters", index);
        const Json* given = data::find(json, "schema");
        const bool has_schema = given != nullptr && given->is_object();
        const Json schema =
            has_schema ? *given : Json{{"type", std::string(data::find_string(json, "type"))}};

        ContractParameter parameter;
        parameter.index = index;
        parameter.pointer = data::child_pointer("/" + std::string(location), name);
        parameter.required = flag(json, "required");
        if (const Json* otherwise = data::find(json, "default");
            otherwise != nullptr && !otherwise->is_null()) {
            parameter.otherwise = *otherwise;
        }
        std::optional<ParameterShape> shape = shape_of(json, schema, pointer);
        if (!shape) { return; }
        parameter.shape = std::move(*shape);
        const bool is_field = location == "body";
        if (is_field || !says_only_type(schema)) {
            parameter.schema = compile(schema, has_schema ? pointer + "/schema" : pointer);
        }
        if (is_field) {
            plan_.field_shapes.push_back(parameter.shape);
            plan_.fields.push_back(std::move(parameter));
        } else if (location == "query") {
            plan_.query.push_back(std::move(parameter));
        } else if (is_free(parameter, location)) {
            return;
        } else if (location == "path") {
            plan_.path.push_back(std::move(parameter));
        } else if (location == "header") {
            plan_.header.push_back(std::move(parameter));
        } else {
            faults_.push_back(
                {pointer + "/location", "field.choice", "must be path, query, header or body"});
        }
    }

    /// Nothing a client could send breaks it, and nobody needs its value.
    bool is_free(const ContractParameter& parameter, std::string_view location) const {
        return !is_mapped_ && parameter.schema == nullptr && !parameter.otherwise &&
               parameter.shape.type == data::ValueType::String &&
               (location == "path" || !parameter.required);
    }

    std::optional<ParameterShape> shape_of(const Json& json, const Json& schema,
                                           const std::string& pointer) {
        const std::string_view location = data::find_string(json, "location");
        const bool in_form = location == "query" || location == "body";
        ParameterStyle style = in_form ? ParameterStyle::Form : ParameterStyle::Simple;
        if (const std::string_view text = data::find_string(json, "style"); !text.empty()) {
            const std::optional<ParameterStyle> named = data::parameter_style(text);
            if (!named) {
                faults_.push_back(
                    {pointer + "/style", "field.choice", "is not a style of OpenAPI, nor 'json'"});
                return std::nullopt;
            }
            style = *named;
        }
        ParameterShape shape =
            data::parameter_shape(std::string(data::find_string(json, "name")), style,
                                  flag(json, "explode", style == ParameterStyle::Form),
                                  flag(json, "allow_empty_value"), schema, root_);
        if (location == "body" && shape.type == data::ValueType::Object) {
            shape.style = ParameterStyle::Json;
        }
        return shape;
    }

    void add_body(const Json& json) {
        plan_.body_required = flag(json, "required");
        const Json* content = data::find(json, "content");
        if (content == nullptr || !content->is_object()) { return; }
        for (const auto& [name, value] : content->items()) {
            const std::string pointer = data::child_pointer("/body/content", name);
            ContractBody body;
            const MediaType type = MediaType::parse(name);
            body.essence = type.essence;
            if (body.essence.empty()) {
                faults_.push_back({pointer, "field.media_type", "is not a media type"});
                continue;
            }
            const Json* schema = data::find(value, "schema");
            const bool is_understood = type.is_json() || type.is_form() || type.is_multipart();
            if (is_understood && schema != nullptr && schema->is_object() && !schema->empty()) {
                body.schema = compile(*schema, pointer + "/schema");
                collect_fields(schema, root_, body);
            }
            plan_.bodies.push_back(std::move(body));
        }
    }

    const Json& api_;
    const Json& root_;
    data::SchemaCompiler& schemas_;
    Contract::Plan& plan_;
    bool is_mapped_ = false;
    std::vector<Fault> faults_;
};

}  // namespace

Result<Contract> Contract::build(const Json& api, const Json& root) {
    data::SchemaCompiler schemas(root, {.skip_unsupported_patterns = true});
    return build(api, root, schemas);
}

Result<Contract> Contract::build(const Json& api, const Json& root, data::SchemaCompiler& schemas) {
    auto plan = std::make_shared<Plan>();
    std::vector<Fault> faults = PlanBuilder(api, root, schemas, *plan).build();
    if (!faults.empty()) {
        return fail(Error{.code = Code::FieldInvalid,
                          .message = "the contract of the api is not valid",
                          .faults = std::move(faults)});
    }
    static const auto nothing = std::make_shared<const Plan>();
    return Contract(*plan == *nothing ? nothing : std::move(plan));
}

}  // namespace lintel::gateway
