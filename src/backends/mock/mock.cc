// Answers without any backend: a configured body, else the example of the api, else a value that
// its schema describes.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "data/schema.h"
#include "embedded/mock_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/plugin.h"
#include "http/message.h"

namespace lintel::backends {

gateway::BackendKind mock();

namespace {

using data::Json;
using gateway::Verdict;

constexpr std::size_t kMaxBody = 64 * 1024;

struct Answer {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// One prepared answer. Immutable; shared by all workers.
class Mock final : public gateway::Backend {
public:
    explicit Mock(Answer answer) : answer_(std::move(answer)) {}

    Task<Verdict> call(gateway::Exchange& exchange) const override {
        gateway::Response& response = exchange.response;
        response.status = answer_.status;
        for (const auto& [name, value] : answer_.headers) {
            response.fields.add(name, value);
        }
        response.body = answer_.body;
        co_return Verdict::proceed();
    }

private:
    Answer answer_;
};

/// RFC 9110: these statuses have no content.
bool has_no_content(int status) {
    return status == 204 || status == 205 || status == 304;
}

std::string_view usual_media_type(std::string_view response_type) {
    if (response_type == "xml") { return "application/xml"; }
    if (response_type == "text") { return "text/plain; charset=utf-8"; }
    if (response_type == "html") { return "text/html; charset=utf-8"; }
    if (response_type == "binary") { return "application/octet-stream"; }
    return "application/json";
}

/// What the response configuration of the api says a success looks like.
std::string documented_body(const Json& responses, const Json& components) {
    const std::string_view example = data::find_string(responses, "success_example");
    if (!example.empty()) { return std::string(example); }
    const Json* schema = data::find(responses, "schema");
    if (schema == nullptr || !schema->is_object()) { return {}; }
    const Json value = data::example_from_schema(*schema, components);
    const std::string_view type = data::find_string(responses, "type");
    if (type.empty() || type == "json") { return data::dump(value); }
    // A text can be a string; markup cannot be made up from a schema.
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<Fault> fault_of_header(const std::string& name, const std::string& value) {
    const http::HeaderId id = http::header_id(name);
    const std::string pointer = data::child_pointer("/headers", name);
    if (http::kHopByHop.contains(id) || id == http::HeaderId::ContentLength ||
        id == http::HeaderId::Date) {
        return Fault{pointer, "field.forbidden", "is written by the gateway itself"};
    }
    for (const char c : value) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) {
            return Fault{pointer, "field.value", "holds a control character"};
        }
    }
    return std::nullopt;
}

Result<std::unique_ptr<const gateway::Backend>> build(const Json& config,
                                                      const gateway::BuildContext& context) {
    static const Json kNoResponses = Json::object();
    const Json* found = data::find(context.api, "responses");
    const Json& responses = found == nullptr ? kNoResponses : *found;

    Answer answer;
    std::vector<Fault> faults;
    const Json* documented = data::find(responses, "success_status");
    if (const Json* status = data::find(config, "status"); status != nullptr) {
        answer.status = status->get<int>();
    } else if (documented != nullptr && documented->is_number_integer()) {
        answer.status = documented->get<int>();
    }
    answer.body = data::find_string(config, "body");
    if (answer.body.size() > kMaxBody) {
        faults.push_back({"/body", "field.length", "is longer than 64 KB"});
    }
    if (has_no_content(answer.status)) {
        if (!answer.body.empty()) {
            faults.push_back({"/body", "field.forbidden",
                              "must be empty: an answer with this status has no body"});
        }
    } else if (answer.body.empty()) {
        answer.body = documented_body(responses, context.components);
    }

    bool has_content_type = false;
    if (const Json* headers = data::find(config, "headers"); headers != nullptr) {
        for (const auto& [name, value] : headers->items()) {
            answer.headers.emplace_back(name, value.get<std::string>());
            if (std::optional<Fault> fault = fault_of_header(name, answer.headers.back().second)) {
                faults.push_back(*std::move(fault));
            }
            has_content_type |= http::header_id(name) == http::HeaderId::ContentType;
        }
    }
    if (!has_content_type && !answer.body.empty()) {
        const std::string_view named = data::find_string(responses, "media_type");
        answer.headers.emplace_back(
            "Content-Type",
            named.empty() ? usual_media_type(data::find_string(responses, "type")) : named);
    }
    if (!faults.empty()) {
        return fail(Error{.code = Code::FieldInvalid,
                          .message = "the mock cannot answer like this",
                          .faults = std::move(faults)});
    }
    return std::make_unique<const Mock>(std::move(answer));
}

}  // namespace

gateway::BackendKind mock() {
    return {.name = "mock", .schema = embedded::mock_schema_json, .build = build};
}

}  // namespace lintel::backends
