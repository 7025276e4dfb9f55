#include "app/api_client.h"

#include <cstdio>

#include <fmt/core.h>

#include "base/ascii.h"

namespace lintel::app {

namespace {

using data::Json;

Failure answered_failure(const HttpAnswer& answer, const Json& problem) {
    std::string message(data::find_string(problem, "detail"));
    if (message.empty()) { message = fmt::format("The server answered {}", answer.status); }
    if (const Json* errors = data::find(problem, "errors");
        errors != nullptr && errors->is_array()) {
        for (const Json& error : *errors) {
            message += fmt::format("\n  {}: {}", data::find_string(error, "pointer"),
                                   data::find_string(error, "detail"));
        }
    }
    const std::string_view fix = data::find_string(problem, "fix");
    if (!fix.empty()) { message += fmt::format("\n  {}", fix); }
    const std::string_view code = data::find_string(problem, "code");
    const std::string_view id = data::find_string(problem, "request_id");
    if (!code.empty()) { message += fmt::format("\n  ({}, {})", code, id); }
    if (answer.status == 401 && code != "auth.login_failed") {
        message += "\n  Set LINTEL_TOKEN; 'lintel token create' makes a token.";
    }
    return {.exit_code = exit_code_of_status(answer.status), .message = std::move(message)};
}

}  // namespace

Outcome<ApiClient> ApiClient::build(Options options) {
    ASSIGN_OR_RETURN(ServerAddress server, parse_server_address(options.server));
    return ApiClient(std::move(server), std::move(options));
}

Outcome<ApiAnswer> ApiClient::call(const ApiRequest& request) const {
    HttpRequest http{.method = request.method,
                     .target = request.path,
                     .fields = request.fields,
                     .body = request.body ? data::dump(*request.body) : std::string()};
    http.fields.emplace_back("Accept", "application/json");
    if (request.body) {
        http.fields.emplace_back("Content-Type", request.method == "PATCH"
                                                     ? "application/merge-patch+json"
                                                     : "application/json");
    }
    if (!options_.token.empty()) {
        http.fields.emplace_back("Authorization", "Bearer " + options_.token);
    }
    ASSIGN_OR_RETURN(HttpAnswer answer, call_http(server_, http));
    if (options_.verbose) {
        fmt::print(stderr, "{} http://{}{} -> {}\n", request.method, server_.authority,
                   request.path, answer.status);
    }
    ApiAnswer parsed{.status = answer.status, .text = {}, .fields = answer.fields};
    const auto type = answer.fields.find("content-type");
    const bool is_json =
        type != answer.fields.end() && type->second.find("json") != std::string::npos;
    if (is_json) {
        const data::JsonLimits limits{.max_nodes = 10'000'000};
        auto body = data::parse_json(answer.body, limits);
        if (!body) {
            return give_up(ExitCode::Unreachable,
                           "The answer is not valid JSON: " + body.error().message);
        }
        parsed.body = *std::move(body);
    }
    if (answer.status >= 300) { return std::unexpected(answered_failure(answer, parsed.body)); }
    parsed.text = std::move(answer.body);
    return parsed;
}

Outcome<Json> ApiClient::list(const std::string& path) const {
    Json items = Json::array();
    std::string token;
    const char joint = path.find('?') == std::string::npos ? '?' : '&';
    do {
        std::string page = fmt::format("{}{}page_size=500", path, joint);
        if (!token.empty()) { page += "&page_token=" + percent_encode(token); }
        ASSIGN_OR_RETURN(const ApiAnswer answer, call({.path = page}));
        if (const Json* found = data::find(answer.body, "items")) {
            items.insert(items.end(), found->begin(), found->end());
        }
        token = data::find_string(answer.body, "next_page_token");
    } while (!token.empty());
    return items;
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c)) {
            out.push_back(c);
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::string gateway_path(std::string_view gateway, const std::vector<std::string_view>& parts) {
    std::string path = "/api/v1/gateways/" + percent_encode(gateway);
    for (const std::string_view part : parts) {
        path += "/" + percent_encode(part);
    }
    return path;
}

}  // namespace lintel::app
