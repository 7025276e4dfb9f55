// For tests only: signed requests, the vectors, and a fixture that runs them through the
// authenticator.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "auth/call_test.h"
#include "base/text.h"
#include "crypto/hmac.h"
#include "data/json.h"

namespace lintel::auth {

inline const data::Json& vectors() {
    static const data::Json all = [] {
        std::ifstream file(LINTEL_SOURCE_DIR "/test/vectors/hmac-seed.json");
        return data::Json::parse(file);
    }();
    return all;
}

inline constexpr std::string_view kKey = "2e4d0bbad47e3b5e3a0c";
inline constexpr std::string_view kSecret = "815ba6d666d58ef1e79b";
inline constexpr std::string_view kDate = "Fri, 20 Nov 2026 08:30:00 GMT";

inline std::string mac(std::string_view text,
                       crypto::HmacAlgorithm algorithm = crypto::HmacAlgorithm::Sha256,
                       std::string_view secret = kSecret) {
    return to_base64(crypto::HmacKey(algorithm, Secret(secret)).sign(text).view());
}

/// The four headers of the seed's form for what is signed here.
inline Request signed_request(std::string method, std::string target) {
    const std::size_t path = std::min(target.find('?'), target.size());
    const std::string text = method + "\n" + target.substr(0, path) + "\n" +
                             target.substr(std::min(path + 1, target.size())) + "\n" +
                             std::string(kKey) + "\n" + std::string(kDate) + "\n";
    return {.method = std::move(method),
            .target = std::move(target),
            .headers = {{"X-HMAC-SIGNATURE", mac(text)},
                        {"X-HMAC-ALGORITHM", "hmac-sha256"},
                        {"X-HMAC-ACCESS-KEY", std::string(kKey)},
                        {"Date", std::string(kDate)}}};
}

/// The same with another value of one header.
inline Request with(Request request, std::string_view name, std::string value) {
    for (auto& [other, old] : request.headers) {
        if (other == name) {
            old = std::move(value);
            return request;
        }
    }
    request.headers.emplace_back(name, std::move(value));
    return request;
}

inline Request without(Request request, std::string_view name) {
    std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
    return request;
}

inline Request request_of(const data::Json& json) {
    Request request{.method = json["method"], .target = json["target"]};
    for (const auto& [name, value] : json["headers"].items()) {
        request.headers.emplace_back(name, value);
    }
    request.body = json.value("body", "");
    return request;
}

/// The request of a vector that lists the parts of a signature.
inline Request apisix_request(const data::Json& vector) {
    const std::string query = vector["wire_query"];
    Request request{
        .method = vector["method"],
        .target = vector["path"].get<std::string>() + (query.empty() ? "" : "?" + query),
        .headers = {{"X-HMAC-SIGNATURE", vector["signature"]},
                    {"X-HMAC-ALGORITHM", vector["algorithm"]},
                    {"X-HMAC-ACCESS-KEY", vector["access_key"]},
                    {"Date", vector["date"]}}};
    std::string names;
    for (const std::string name : vector["signed_headers"]) {
        names += (names.empty() ? "" : ";") + name;
    }
    request.headers.emplace_back("X-HMAC-SIGNED-HEADERS", names);
    for (const auto& [name, value] : vector["headers"].items()) {
        request.headers.emplace_back(name, value);
    }
    return request;
}

/// The one-header form of another vector, and that vector.
inline std::pair<Request, data::Json> one_header_request(const data::Json& vector) {
    for (const data::Json& same : vectors()["apisix_form"]) {
        if (same["id"] != vector["same_as"]) { continue; }
        Request request = apisix_request(same);
        std::erase_if(request.headers, [](const auto& header) {
            return header.first.starts_with("X-HMAC-") || header.first == "Date";
        });
        request.headers.emplace_back("Authorization", vector["authorization"]);
        return {request, same};
    }
    return {};
}

/// The credential a vector of the apisix form is signed with.
inline std::shared_ptr<gateway::Credential> credential_of(const data::Json& vector) {
    auto credential = make_credential();
    credential->hmac = {vector["access_key"], Secret(vector["secret"].get<std::string>())};
    credential->hmac_options.encode_uri_params = vector["encode_uri_params"];
    credential->allowed_algorithms = {};
    credential->allow(*crypto::parse_hmac_algorithm(vector["algorithm"].get<std::string>()));
    return credential;
}

struct Outcome {
    std::string code;
    std::string reason = {};
    std::string expected = {};
};

/// One credential and an authenticator to call.
class HmacTest : public testing::Test {
protected:
    /// A callee whose only credential is changed by `change`.
    template <typename Change>
    void credential(Change change) {
        auto changed = make_credential();
        change(*changed);
        callee.use({changed});
    }
    Outcome outcome(const Request& request, const data::Json& config = data::Json::object()) {
        const auto authenticator = callee.build("hmac", config);
        Call call(callee, request);
        Outcome outcome{.code = std::string(call.authenticate(*authenticator))};
        if (call.refusal != nullptr) {
            outcome.reason = call.refusal->reason;
            outcome.expected = call.refusal->expected;
        }
        return outcome;
    }
    std::string code(const Request& request, const data::Json& config = data::Json::object()) {
        return outcome(request, config).code;
    }
    Callee callee;
};

}  // namespace lintel::auth
