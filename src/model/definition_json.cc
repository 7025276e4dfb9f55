// The JSON form of definitions. Members that hold their default are written too: a release document
// is complete by itself.
#include "model/definition.h"
#include "model/fields.h"

namespace lintel::model {

namespace {

using data::Json;

Json texts(std::string_view text) {
    return Json(std::string(text));
}

Json to_json(const MappingRow& row);
Json to_json(const ErrorCode& code);

template <typename Item>
Json list_to_json(const std::vector<Item>& items) {
    Json list = Json::array();
    for (const Item& item : items) {
        list.push_back(to_json(item));
    }
    return list;
}

Json to_json(const RequestBody& body) {
    Json content = Json::object();
    for (const MediaType& type : body.content) {
        content[type.media_type] = {{"schema", type.schema}};
    }
    return {{"required", body.required}, {"description", body.description}, {"content", content}};
}

Json to_json(const MappingSource& source) {
    switch (source.kind) {
        case MappingSource::Kind::Parameter:
            return {
                {"parameter", {{"location", texts(name(source.location))}, {"name", source.name}}}};
        case MappingSource::Kind::System: return {{"system", texts(name(source.system))}};
        case MappingSource::Kind::Constant: break;
    }
    return {{"constant", source.constant}};
}

Json to_json(const MappingRow& row) {
    return {{"to", {{"location", texts(name(row.location))}, {"name", row.name}}},
            {"from", to_json(row.from)}};
}

Json to_json(const ErrorCode& code) {
    return {{"code", code.code},
            {"message", code.message},
            {"description", code.description},
            {"converted_code", code.converted_code},
            {"convert", code.convert}};
}

Json to_json(const ResponseInfo& responses) {
    return {{"type", texts(name(responses.type))},
            {"media_type", responses.media_type},
            {"success_status", responses.success_status},
            {"success_example", responses.success_example},
            {"failure_example", responses.failure_example},
            {"schema", responses.schema},
            {"error_codes", list_to_json(responses.error_codes)}};
}

constexpr std::string_view kLocationNames = "path, query, header, body";

Labels read_labels(Fields& outer, Faults& faults) {
    const Json* json = outer.object("labels");
    if (json == nullptr) { return {}; }
    return Fields(*json, outer.pointer("labels"), faults).texts_by_name();
}

PluginUse read_plugin_use(const Json* json, const std::string& pointer, Faults& faults) {
    PluginUse use;
    if (json == nullptr) { return use; }
    Fields fields(*json, pointer, faults);
    use.kind = fields.required_text("kind");
    if (const Json* config = fields.object("config")) { use.config = *config; }
    fields.done();
    return use;
}

std::vector<PluginUse> read_plugin_uses(Fields& outer, Faults& faults) {
    std::vector<PluginUse> uses;
    if (const Json* list = outer.array("policies")) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            uses.push_back(read_plugin_use(
                &(*list)[i], data::child_pointer(outer.pointer("policies"), i), faults));
        }
    }
    return uses;
}

Parameter read_parameter(const Json& json, std::string pointer, Faults& faults) {
    Fields fields(json, std::move(pointer), faults);
    Parameter parameter;
    parameter.name = fields.required_text("name");
    parameter.location = fields.choice("location", Location::Query, parse_location, kLocationNames);
    parameter.type = fields.choice("type", ParameterType::String, parse_parameter_type,
                                   "string, integer, number, boolean, array, object");
    // A path parameter is always there, so it is required unless somebody says otherwise.
    parameter.required = fields.flag("required", parameter.location == Location::Path);
    parameter.default_value = fields.any("default");
    parameter.example = fields.any("example");
    parameter.description = fields.text("description");
    if (const Json* schema = fields.object("schema")) { parameter.schema = *schema; }
    parameter.style = fields.text("style");
    parameter.explode = fields.optional_flag("explode");
    parameter.allow_empty_value = fields.flag("allow_empty_value", false);
    fields.done();
    return parameter;
}

RequestBody read_body(const Json& json, std::string pointer, Faults& faults) {
    Fields fields(json, std::move(pointer), faults);
    RequestBody body;
    body.required = fields.flag("required", false);
    body.description = fields.text("description");
    if (const Json* content = fields.object("content")) {
        for (const auto& member : content->items()) {
            Fields type(member.value(),
                        data::child_pointer(fields.pointer("content"), member.key()), faults);
            const Json* schema = type.object("schema");
            type.done();
            body.content.push_back({member.key(), schema == nullptr ? Json(nullptr) : *schema});
        }
    }
    fields.done();
    return body;
}

MappingSource read_source(const Json& json, const std::string& pointer, Faults& faults) {
    Fields fields(json, pointer, faults);
    MappingSource source;
    const Json* parameter = fields.object("parameter");
    const bool has_system = fields.has("system");
    const Json* constant = data::find(json, "constant");
    fields.any("constant");
    if ((parameter != nullptr) + has_system + (constant != nullptr) != 1) {
        faults.push_back({pointer, "mapping.source",
                          "must have exactly one of 'parameter', 'constant' and 'system'"});
    }
    if (parameter != nullptr) {
        Fields inner(*parameter, fields.pointer("parameter"), faults);
        source.kind = MappingSource::Kind::Parameter;
        source.location = inner.choice("location", Location::Query, parse_location, kLocationNames);
        source.name = inner.required_text("name");
        inner.done();
    } else if (has_system) {
        source.kind = MappingSource::Kind::System;
        source.system =
            fields.choice("system", SystemValue::ClientIp, parse_system_value,
                          "client_ip, request_id, environment, service_id, api_id, caller");
    } else if (constant != nullptr) {
        source.constant = *constant;
    }
    fields.done();
    return source;
}

Mapping read_mapping(const Json& json, std::string pointer, Faults& faults) {
    Fields fields(json, std::move(pointer), faults);
    Mapping mapping;
    mapping.only_mapped = fields.flag("only_mapped", false);
    if (const Json* rows = fields.array("rows")) {
        for (std::size_t i = 0; i < rows->size(); ++i) {
            Fields row((*rows)[i], data::child_pointer(fields.pointer("rows"), i), faults);
            MappingRow read;
            static const Json empty = Json::object();
            const Json* to = row.object("to");
            Fields target(to == nullptr ? empty : *to, row.pointer("to"), faults);
            read.location =
                target.choice("location", Location::Query, parse_location, kLocationNames);
            read.name = target.required_text("name");
            target.done();
            const Json* from = row.object("from");
            read.from = read_source(from == nullptr ? empty : *from, row.pointer("from"), faults);
            row.done();
            mapping.rows.push_back(std::move(read));
        }
    }
    fields.done();
    return mapping;
}

ResponseInfo read_responses(const Json& json, std::string pointer, Faults& faults) {
    Fields fields(json, std::move(pointer), faults);
    ResponseInfo responses;
    responses.type = fields.choice("type", ResponseType::Json, parse_response_type,
                                   "json, xml, text, html, binary");
    responses.media_type = fields.text("media_type");
    const std::int64_t status = fields.integer("success_status", 200);
    if (status < 200 || status > 599) {
        fields.fault("success_status", "field.range", "must be a status from 200 to 599");
    } else {
        responses.success_status = static_cast<int>(status);
    }
    responses.success_example = fields.text("success_example");
    responses.failure_example = fields.text("failure_example");
    if (const Json* schema = fields.object("schema")) { responses.schema = *schema; }
    if (const Json* codes = fields.array("error_codes")) {
        for (std::size_t i = 0; i < codes->size(); ++i) {
            Fields row((*codes)[i], data::child_pointer(fields.pointer("error_codes"), i), faults);
            ErrorCode code;
            code.code = row.required_text("code");
            code.message = row.text("message");
            code.description = row.text("description");
            code.converted_code = row.text("converted_code");
            code.convert = row.flag("convert", false);
            row.done();
            responses.error_codes.push_back(std::move(code));
        }
    }
    fields.done();
    return responses;
}

ApiDefinition read_api(const Json& json, std::string pointer, Faults& faults) {
    Fields fields(json, std::move(pointer), faults);
    ApiDefinition api;
    api.id = ApiId(fields.text("id"));
    api.name = fields.required_text("name");
    api.description = fields.text("description");
    api.group = fields.text("group", kDefaultGroup);
    api.labels = read_labels(fields, faults);
    api.method =
        fields.choice("method", Method::Get, parse_method, "GET, POST, PATCH, PUT, DELETE, HEAD");
    if (!fields.has("method")) { fields.fault("method", "field.required", "is required"); }
    api.path = fields.required_text("path");
    if (const Json* auth = fields.object("auth")) {
        api.auth = read_plugin_use(auth, fields.pointer("auth"), faults);
    }
    if (const Json* list = fields.array("parameters")) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            api.parameters.push_back(read_parameter(
                (*list)[i], data::child_pointer(fields.pointer("parameters"), i), faults));
        }
    }
    if (const Json* body = fields.object("body")) {
        api.body = read_body(*body, fields.pointer("body"), faults);
    }
    api.policies = read_plugin_uses(fields, faults);
    api.backend = read_plugin_use(fields.object("backend"), fields.pointer("backend"), faults);
    if (const Json* mapping = fields.object("mapping")) {
        api.mapping = read_mapping(*mapping, fields.pointer("mapping"), faults);
    }
    if (const Json* responses = fields.object("responses")) {
        api.responses = read_responses(*responses, fields.pointer("responses"), faults);
    }
    fields.done();
    return api;
}

void read_oauth2(const Json* json, const std::string& pointer, OAuth2Settings& oauth2,
                 Faults& faults) {
    if (json == nullptr) { return; }
    Fields fields(*json, pointer, faults);
    const std::int64_t ttl = fields.integer("token_ttl_s", oauth2.token_ttl_s);
    if (ttl < kMinTokenTtlS || ttl > kMaxTokenTtlS) {
        fields.fault("token_ttl_s", "field.range",
                     "must be from 60 to 86400 seconds; " + std::to_string(ttl) + " is not");
    } else {
        oauth2.token_ttl_s = static_cast<int>(ttl);
    }
    oauth2.allow_get = fields.flag("allow_get", oauth2.allow_get);
    fields.done();
}

ServiceDefinition read_service(const Json& json, Faults& faults) {
    Fields fields(json, "", faults);
    ServiceDefinition definition;
    definition.name = fields.required_text("name");
    definition.description = fields.text("description");
    definition.protocol = fields.choice("protocol", Protocol::HttpAndHttps, parse_protocol,
                                        "HTTP, HTTPS, HTTP&HTTPS");
    definition.group = fields.text("group", kDefaultGroup);
    definition.labels = read_labels(fields, faults);
    definition.policies = read_plugin_uses(fields, faults);
    read_oauth2(fields.object("oauth2"), fields.pointer("oauth2"), definition.oauth2, faults);
    definition.allow_encoded_slashes = fields.flag("allow_encoded_slashes", false);
    if (const Json* components = fields.object("components")) {
        definition.components = *components;
    }
    if (const Json* groups = fields.array("api_groups")) {
        for (std::size_t i = 0; i < groups->size(); ++i) {
            Fields row((*groups)[i], data::child_pointer(fields.pointer("api_groups"), i), faults);
            ApiGroup group;
            group.id = row.text("id");
            group.name = row.required_text("name");
            row.done();
            definition.api_groups.push_back(std::move(group));
        }
    }
    if (const Json* apis = fields.array("apis")) {
        definition.apis.reserve(apis->size());
        for (std::size_t i = 0; i < apis->size(); ++i) {
            definition.apis.push_back(
                read_api((*apis)[i], data::child_pointer(fields.pointer("apis"), i), faults));
        }
    }
    fields.done();
    return definition;
}

Error invalid(Faults faults) {
    return {.code = Code::FieldInvalid,
            .message = std::to_string(faults.size()) + " field(s) do not have the right form",
            .faults = std::move(faults)};
}

}  // namespace

Json to_json(const PluginUse& use) {
    if (!use.chosen()) { return nullptr; }
    return {{"kind", use.kind}, {"config", use.config}};
}

Json to_json(const Parameter& parameter) {
    Json json{{"name", parameter.name},
              {"location", texts(name(parameter.location))},
              {"type", texts(name(parameter.type))},
              {"required", parameter.required},
              {"default", parameter.default_value},
              {"example", parameter.example},
              {"description", parameter.description},
              {"schema", parameter.schema},
              {"style", parameter.style},
              {"explode", nullptr},
              {"allow_empty_value", parameter.allow_empty_value}};
    if (parameter.explode) { json["explode"] = *parameter.explode; }
    return json;
}

Json to_json(const ApiDefinition& api) {
    return {{"id", api.id.str()},
            {"name", api.name},
            {"description", api.description},
            {"group", api.group},
            {"labels", to_json(api.labels)},
            {"method", texts(name(api.method))},
            {"path", api.path},
            {"auth", to_json(api.auth)},
            {"parameters", list_to_json(api.parameters)},
            {"body", api.body ? to_json(*api.body) : Json(nullptr)},
            {"policies", list_to_json(api.policies)},
            {"backend", to_json(api.backend)},
            {"mapping",
             {{"rows", list_to_json(api.mapping.rows)}, {"only_mapped", api.mapping.only_mapped}}},
            {"responses", to_json(api.responses)}};
}

Json to_json(const ApiGroup& group) {
    return {{"id", group.id}, {"name", group.name}};
}

Json to_json(const ServiceDefinition& definition) {
    return {{"name", definition.name},
            {"description", definition.description},
            {"protocol", texts(name(definition.protocol))},
            {"group", definition.group},
            {"labels", to_json(definition.labels)},
            {"policies", list_to_json(definition.policies)},
            {"oauth2",
             {{"token_ttl_s", definition.oauth2.token_ttl_s},
              {"allow_get", definition.oauth2.allow_get}}},
            {"allow_encoded_slashes", definition.allow_encoded_slashes},
            {"components", definition.components},
            {"api_groups", list_to_json(definition.api_groups)},
            {"apis", list_to_json(definition.apis)}};
}

Result<ServiceDefinition> service_definition_from_json(const Json& json) {
    Faults faults;
    ServiceDefinition definition = read_service(json, faults);
    if (!faults.empty()) { return fail(invalid(std::move(faults))); }
    return definition;
}

Result<ApiDefinition> api_definition_from_json(const Json& json) {
    Faults faults;
    ApiDefinition api = read_api(json, "", faults);
    if (!faults.empty()) { return fail(invalid(std::move(faults))); }
    return api;
}

}  // namespace lintel::model
