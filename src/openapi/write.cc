#include "openapi/write.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"

namespace lintel::openapi {
namespace {

using data::Json;
using data::ParameterStyle;

void set_text(Json& object, const char* name, const std::string& text) {
    if (!text.empty()) { object[name] = text; }
}

/// The name of a parameter as the path has it: a parameter that takes the rest stands as "{name+}".
std::string written_name(const Operation& operation, const Parameter& parameter) {
    const bool rest = parameter.location == Location::Path &&
                      operation.path.find("{" + parameter.name + "+}") != std::string::npos;
    return rest ? parameter.name + "+" : parameter.name;
}

Json written_schema(const Parameter& parameter) {
    Json schema = parameter.schema.is_object() ? parameter.schema : Json::object();
    if (schema.empty()) { schema["type"] = parameter.type; }
    if (parameter.default_value && !schema.contains("default") && !schema.contains("$ref")) {
        schema["default"] = *parameter.default_value;
    }
    return schema;
}

/// Beside a schema an example is written only when it is another one than the schema's own.
bool says_more(const std::optional<Json>& example, const Json& schema) {
    const Json* own = data::find(schema, "example");
    return example && (own == nullptr || *own != *example);
}

Json write_parameter(const Operation& operation, const Parameter& parameter) {
    Json result = {{"name", written_name(operation, parameter)},
                   {"in", to_string(parameter.location)}};
    set_text(result, "description", parameter.description);
    if (parameter.required) { result["required"] = true; }
    if (parameter.allow_empty) { result["allowEmptyValue"] = true; }
    if (parameter.style == ParameterStyle::Json) {
        result["content"] = Json{{"application/json", Json{{"schema", written_schema(parameter)}}}};
        return result;
    }
    const ParameterStyle usual =
        parameter.location == Location::Query ? ParameterStyle::Form : ParameterStyle::Simple;
    const bool usual_explode =
        parameter.style == ParameterStyle::Form || parameter.style == ParameterStyle::DeepObject;
    if (parameter.style != usual) { result["style"] = data::to_string(parameter.style); }
    if (parameter.explode != usual_explode) { result["explode"] = parameter.explode; }
    result["schema"] = written_schema(parameter);
    if (says_more(parameter.example, parameter.schema)) { result["example"] = *parameter.example; }
    return result;
}

Json write_content(const Json& schema, const std::optional<Json>& example) {
    Json media = Json::object();
    if (schema.is_object() && !schema.empty()) { media["schema"] = schema; }
    if (says_more(example, schema)) { media["example"] = *example; }
    return media;
}

Json write_body(const RequestBody& body) {
    Json result = Json::object();
    set_text(result, "description", body.description);
    Json content = Json::object();
    for (const MediaType& media : body.content) {
        content[media.type] = write_content(media.schema, media.example);
    }
    result["content"] = std::move(content);
    if (body.required) { result["required"] = true; }
    return result;
}

Json write_responses(const Operation& operation) {
    Json responses = Json::object();
    for (const Response& response : operation.responses) {
        Json result = {{"description", response.description}};
        if (!response.media_type.empty()) {
            result["content"] =
                Json{{response.media_type, write_content(response.schema, response.example)}};
        }
        responses[response.status] = std::move(result);
    }
    // OpenAPI wants at least one.
    if (responses.empty()) { responses["default"] = Json{{"description", ""}}; }
    return responses;
}

Json write_error_codes(const std::vector<ErrorCode>& codes) {
    Json list = Json::array();
    for (const ErrorCode& code : codes) {
        Json entry = {{"code", code.code}};
        set_text(entry, "message", code.message);
        set_text(entry, "description", code.description);
        list.push_back(std::move(entry));
    }
    return list;
}

Json write_security(AuthChoice auth) {
    switch (auth) {
        case AuthChoice::None: return Json::array();
        case AuthChoice::Basic: return Json::array({Json{{"basicAuth", Json::array()}}});
        case AuthChoice::OAuth2: return Json::array({Json{{"oauth2", Json::array()}}});
        case AuthChoice::Hmac: return Json::array({Json{{"hmac", Json::array()}}});
    }
    return Json::array();
}

Json write_operation(const Operation& operation, const WriteOptions& options) {
    Json result = Json::object();
    if (!operation.tag.empty()) { result["tags"] = Json::array({operation.tag}); }
    set_text(result, "summary", operation.summary);
    set_text(result, "description", operation.description);
    set_text(result, "operationId", operation.operation_id);
    if (!operation.parameters.empty()) {
        Json parameters = Json::array();
        for (const Parameter& parameter : operation.parameters) {
            parameters.push_back(write_parameter(operation, parameter));
        }
        result["parameters"] = std::move(parameters);
    }
    if (operation.body) { result["requestBody"] = write_body(*operation.body); }
    result["responses"] = write_responses(operation);
    if (!operation.error_codes.empty()) {
        result["x-error-codes"] = write_error_codes(operation.error_codes);
    }
    if (operation.deprecated) { result["deprecated"] = true; }
    result["security"] = write_security(operation.auth);
    if (options.with_extensions && operation.extension) {
        result["x-lintel"] = *operation.extension;
    }
    return result;
}

Json security_schemes(const Document& document) {
    const auto used = [&document](AuthChoice auth) {
        return std::ranges::find(document.operations, auth, &Operation::auth) !=
               document.operations.end();
    };
    Json schemes = Json::object();
    if (used(AuthChoice::Basic)) {
        schemes["basicAuth"] = Json{
            {"type", "http"},
            {"scheme", "basic"},
            {"description", "The Basic key and secret of a credential as user name and password."}};
    }
    if (used(AuthChoice::OAuth2)) {
        const std::string url = document.token_url.empty() ? "/-/oauth2/token" : document.token_url;
        const Json flow = {{"tokenUrl", url}, {"scopes", Json::object()}};
        schemes["oauth2"] = Json{{"type", "oauth2"}, {"flows", Json{{"clientCredentials", flow}}}};
    }
    if (used(AuthChoice::Hmac)) {
        schemes["hmac"] = Json{{"type", "apiKey"},
                               {"in", "header"},
                               {"name", "X-HMAC-SIGNATURE"},
                               {"description",
                                "Base64 of the HMAC-SHA256, under the credential's HMAC secret, of "
                                "the lines method, path, query, key, date "
                                "and signed headers. Also send X-HMAC-ALGORITHM (hmac-sha256), "
                                "X-HMAC-ACCESS-KEY and Date."}};
    }
    return schemes;
}

Json write_servers(const std::vector<Server>& servers) {
    Json list = Json::array();
    for (const Server& server : servers) {
        Json entry = {{"url", server.url}};
        set_text(entry, "description", server.description);
        list.push_back(std::move(entry));
    }
    if (list.empty()) { list.push_back(Json{{"url", "/"}}); }
    return list;
}

Json write_tags(const std::vector<Tag>& tags) {
    Json list = Json::array();
    for (const Tag& tag : tags) {
        Json entry = {{"name", tag.name}};
        set_text(entry, "description", tag.description);
        list.push_back(std::move(entry));
    }
    return list;
}

}  // namespace

Json write(const Document& document, const WriteOptions& options) {
    Json info = {{"title", document.title}};
    set_text(info, "description", document.description);
    info["version"] = document.version.empty() ? "1" : document.version;
    Json result = {{"openapi", "3.0.0"},
                   {"info", std::move(info)},
                   {"servers", write_servers(document.servers)}};
    if (!document.tags.empty()) { result["tags"] = write_tags(document.tags); }
    Json paths = Json::object();
    for (const Operation& operation : document.operations) {
        paths[operation.path][to_lower(operation.method)] = write_operation(operation, options);
    }
    result["paths"] = std::move(paths);
    Json components = document.components.is_object() ? document.components : Json::object();
    if (Json schemes = security_schemes(document); !schemes.empty()) {
        components["securitySchemes"] = std::move(schemes);
    }
    if (!components.empty()) { result["components"] = std::move(components); }
    if (options.with_extensions && document.extension) { result["x-lintel"] = *document.extension; }
    return result;
}

}  // namespace lintel::openapi
