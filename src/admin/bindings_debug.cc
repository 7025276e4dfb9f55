// Debug calls.
#include "admin/bindings.h"
#include "base/text.h"
#include "management/debug.h"

namespace lintel::admin {

namespace {

using data::Json;

constexpr std::string_view kBase64 = "base64";

Result<std::string> body_of(const Call& call) {
    std::string body = call.body_text("body").value_or("");
    if (call.body_text("body_encoding") != kBase64) { return body; }
    if (auto bytes = from_base64(body)) { return *std::move(bytes); }
    return fail({.code = Code::FieldInvalid,
                 .message = "The body is not what its encoding says.",
                 .faults = {{"/body", "debug.body", "is not padded base64"}}});
}

management::Held held(const Call& call, std::string_view name) {
    return call.body_text(name) == "skip" ? management::Held::NotTo : management::Held::To;
}

Result<management::DebugRequest> request_of(const Call& call) {
    management::DebugRequest request{
        .copy = {.service = call.path_text("service"), .release = call.body_integer("release")},
        .api = model::ApiId(call.body_text("api").value_or("")),
        .environment = call.body_text("environment"),
        .path = call.body_text("path"),
        .query = call.body_text("query").value_or(""),
        .authentication = held(call, "authentication"),
        .policies = held(call, "policies"),
        .client_ip = call.body_text("client_ip")};
    if (const Json* headers = data::find(call.body, "headers")) {
        for (const Json& header : *headers) {
            request.headers.emplace_back(data::find_string(header, "name"),
                                         data::find_string(header, "value"));
        }
    }
    ASSIGN_OR_RETURN(request.body, body_of(call));
    if (const auto credential = call.body_text("credential")) {
        request.credential = model::CredentialId(*credential);
    }
    if (const auto ms = call.body_integer("timeout_ms")) {
        request.timeout = std::chrono::milliseconds(*ms);
    }
    return request;
}

Json fields_json(const std::vector<std::pair<std::string, std::string>>& fields) {
    Json json = Json::array();
    for (const auto& [name, value] : fields) {
        json.push_back(
            {{"name", name}, {"value", is_valid_utf8(value) ? value : to_base64(value)}});
    }
    return json;
}

Json answer_json(const management::DebugAnswer& answer) {
    const bool is_text = is_valid_utf8(answer.body);
    return {{"status", answer.status},
            {"headers", fields_json(answer.headers)},
            {"body", is_text ? answer.body : to_base64(answer.body)},
            {"body_encoding", is_text ? "text" : kBase64},
            {"body_bytes", answer.body.size()},
            {"trailers", fields_json(answer.trailers)},
            {"truncated", answer.is_truncated}};
}

Result<Answer> debug_service(const Call& call) {
    ASSIGN_OR_RETURN(const management::DebugRequest request, request_of(call));
    ASSIGN_OR_RETURN(const management::DebugAnswer answer,
                     management::debug_call(call.management, *call.caller, request));
    return Answer::shown({{"target", answer.target},
                          {"response", answer.status == 0 ? Json(nullptr) : answer_json(answer)},
                          {"trace", answer.trace}});
}

}  // namespace

std::vector<Binding> debug_bindings() {
    return {{"debugService", debug_service}};
}

}  // namespace lintel::admin
