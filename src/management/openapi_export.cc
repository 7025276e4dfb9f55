#include <algorithm>

#include "base/ascii.h"
#include "management/draft.h"
#include "management/openapi_mapping.h"

namespace lintel::management {

namespace {

using data::Json;

bool is_status(const std::string& code) {
    return code.size() == 3 && code[0] >= '1' && code[0] <= '5' &&
           std::ranges::all_of(code, is_digit);
}

/// A status, or what OpenAPI allows in its place.
bool is_response_key(const std::string& code) {
    return is_status(code) || code == "default" ||
           (code.size() == 3 && code[0] >= '1' && code[0] <= '5' && code.ends_with("XX"));
}

std::string usual_media_type(model::ResponseType type) {
    switch (type) {
        case model::ResponseType::Xml: return "application/xml";
        case model::ResponseType::Text: return "text/plain";
        case model::ResponseType::Html: return "text/html";
        case model::ResponseType::Binary: return "application/octet-stream";
        case model::ResponseType::Json: break;
    }
    return "application/json";
}

/// The example as a value when it is JSON, as text otherwise.
std::optional<Json> example_of(const std::string& text, const std::string& media_type) {
    if (text.empty()) { return std::nullopt; }
    if (openapi::is_json(media_type)) {
        if (Result<Json> value = data::parse_json(text)) { return *std::move(value); }
    }
    return Json(text);
}

openapi::AuthChoice auth_of(const model::PluginUse& auth) {
    if (auth.kind == "none") { return openapi::AuthChoice::None; }
    if (auth.kind == "oauth2") { return openapi::AuthChoice::OAuth2; }
    if (auth.kind == "hmac") { return openapi::AuthChoice::Hmac; }
    return openapi::AuthChoice::Basic;
}

Json schema_of(const model::Parameter& parameter) {
    if (parameter.schema.is_object()) { return parameter.schema; }
    Json schema{{"type", std::string(name(parameter.type))}};
    if (parameter.type == model::ParameterType::Array) { schema["items"] = Json::object(); }
    return schema;
}

openapi::Parameter parameter_of(const model::Parameter& from) {
    openapi::Parameter to;
    to.name = from.name;
    switch (from.location) {
        case model::Location::Path: to.location = openapi::Location::Path; break;
        case model::Location::Header: to.location = openapi::Location::Header; break;
        case model::Location::Query:
        case model::Location::Body: to.location = openapi::Location::Query; break;
    }
    to.type = std::string(name(from.type));
    to.required = from.required;
    to.description = from.description;
    if (!from.default_value.is_null()) { to.default_value = from.default_value; }
    if (!from.example.is_null()) { to.example = from.example; }
    to.schema = schema_of(from);
    const bool is_query = to.location == openapi::Location::Query;
    to.style = data::parameter_style(from.style)
                   .value_or(is_query ? data::ParameterStyle::Form : data::ParameterStyle::Simple);
    to.explode = from.explode.value_or(to.style == data::ParameterStyle::Form ||
                                       to.style == data::ParameterStyle::DeepObject);
    to.allow_empty = from.allow_empty_value;
    return to;
}

/// Body parameters added row by row are one object, sent as JSON or as a form.
std::optional<openapi::RequestBody> body_of_rows(const model::ApiDefinition& api) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const model::Parameter& parameter : api.parameters) {
        if (parameter.location != model::Location::Body) { continue; }
        Json schema = schema_of(parameter);
        if (!parameter.description.empty() && !schema.contains("$ref")) {
            schema["description"] = parameter.description;
        }
        properties[parameter.name] = std::move(schema);
        if (parameter.required) { required.push_back(parameter.name); }
    }
    if (properties.empty()) { return std::nullopt; }
    Json schema{{"type", "object"}, {"properties", properties}};
    if (!required.empty()) { schema["required"] = required; }
    openapi::RequestBody body;
    body.required = !required.empty();
    for (const char* type : {"application/json", "application/x-www-form-urlencoded"}) {
        openapi::MediaType media;
        media.type = type;
        media.schema = schema;
        body.content.push_back(std::move(media));
    }
    return body;
}

std::optional<openapi::RequestBody> body_of(const model::ApiDefinition& api) {
    if (!api.body) { return body_of_rows(api); }
    openapi::RequestBody body;
    body.required = api.body->required;
    body.description = api.body->description;
    for (const model::MediaType& from : api.body->content) {
        openapi::MediaType media;
        media.type = from.media_type;
        if (from.schema.is_object()) { media.schema = from.schema; }
        body.content.push_back(std::move(media));
    }
    return body;
}

void add_failures(const model::ResponseInfo& from, openapi::Operation& to) {
    std::string example = from.failure_example;
    const std::string media_type = usual_media_type(from.type);
    for (const model::ErrorCode& code : from.error_codes) {
        const bool is_taken = std::ranges::any_of(
            to.responses, [&](const openapi::Response& r) { return r.status == code.code; });
        if (!is_response_key(code.code) || is_taken) {
            to.error_codes.push_back({code.code, code.message, code.description});
            continue;
        }
        openapi::Response response;
        response.status = code.code;
        response.description = code.description.empty() ? code.message : code.description;
        if (!example.empty()) {
            response.media_type = media_type;
            response.example = example_of(std::exchange(example, {}), media_type);
        }
        to.responses.push_back(std::move(response));
    }
    if (example.empty()) { return; }
    openapi::Response other;
    other.status = "default";
    other.description = "Failure";
    other.media_type = media_type;
    other.example = example_of(example, media_type);
    to.responses.push_back(std::move(other));
}

void add_responses(const model::ResponseInfo& from, openapi::Operation& to) {
    openapi::Response success;
    success.status = std::to_string(from.success_status);
    success.description = "Success";
    const bool has_content =
        !from.media_type.empty() || !from.success_example.empty() || from.schema.is_object();
    if (has_content) {
        success.media_type =
            from.media_type.empty() ? usual_media_type(from.type) : from.media_type;
        if (from.schema.is_object()) { success.schema = from.schema; }
        success.example = example_of(from.success_example, success.media_type);
    }
    to.responses.push_back(std::move(success));
    add_failures(from, to);
}

openapi::Operation operation_of(const model::ApiDefinition& api) {
    openapi::Operation operation;
    operation.method = std::string(name(api.method));
    operation.path = api.path;
    operation.operation_id = api.id.str();
    operation.summary = api.name;
    operation.description = api.description;
    if (api.group != model::kDefaultGroup) { operation.tag = api.group; }
    for (const model::Parameter& parameter : api.parameters) {
        if (parameter.location != model::Location::Body) {
            operation.parameters.push_back(parameter_of(parameter));
        }
    }
    operation.body = body_of(api);
    add_responses(api.responses, operation);
    operation.auth = auth_of(api.auth);
    operation.extension = extension_of(api);
    return operation;
}

}  // namespace

data::Json extension_of(const model::ServiceDefinition& definition) {
    data::Json extension = basics_to_json(definition);
    for (const char* member : {"name", "description", "api_groups"}) {
        extension.erase(member);
    }
    return extension;
}

data::Json extension_of(const model::ApiDefinition& api) {
    const data::Json whole = model::to_json(api);
    data::Json extension = data::Json::object();
    for (const char* member : {"labels", "auth", "policies", "backend", "mapping", "responses"}) {
        extension[member] = whole.at(member);
    }
    const bool has_rows = std::ranges::any_of(api.parameters, [](const model::Parameter& p) {
        return p.location == model::Location::Body;
    });
    if (has_rows) {
        extension["parameters"] = whole.at("parameters");
        extension["body"] = nullptr;
    }
    return extension;
}

openapi::Document document_of(const model::ServiceDefinition& definition,
                              const std::string& version,
                              const std::vector<CallAddress>& addresses) {
    openapi::Document document;
    document.title = definition.name;
    document.description = definition.description;
    document.version = version;
    for (const CallAddress& address : addresses) {
        document.servers.push_back({address.url, address.name});
    }
    if (!addresses.empty()) { document.token_url = addresses.front().url + "/-/oauth2/token"; }
    for (const model::ApiGroup& group : definition.api_groups) {
        document.tags.push_back({group.name, ""});
    }
    document.components = definition.components;
    for (const model::ApiDefinition& api : definition.apis) {
        document.operations.push_back(operation_of(api));
    }
    document.extension = extension_of(definition);
    return document;
}

}  // namespace lintel::management
