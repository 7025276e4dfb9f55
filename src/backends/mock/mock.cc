// Answers without any backend: a configured body, else the example of the api, else a value that
// its schema describes.
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "data/schema.h"
#include "embedded/mock_schema_json.h"
#include "gateway/exchange.h"
#include "gateway/fixed_answer.h"
#include "gateway/plugin.h"

namespace lintel::backends {

gateway::BackendKind mock();

namespace {

using data::Json;
using gateway::FixedAnswer;
using gateway::Verdict;

/// One prepared answer. Immutable; shared by all workers.
class Mock final : public gateway::Backend {
public:
    explicit Mock(FixedAnswer answer) : answer_(std::move(answer)) {}

    Task<Verdict> call(gateway::Exchange& exchange) const override {
        answer_.give(exchange);
        co_return Verdict::proceed();
    }

private:
    FixedAnswer answer_;
};

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

Result<std::unique_ptr<const gateway::Backend>> build(const Json& config,
                                                      const gateway::BuildContext& context) {
    static const Json no_responses = Json::object();
    const Json* found = data::find(context.api, "responses");
    const Json& responses = found == nullptr ? no_responses : *found;

    const Json* documented = data::find(responses, "success_status");
    const bool is_documented = documented != nullptr && documented->is_number_integer();
    std::vector<Fault> faults;
    FixedAnswer answer =
        FixedAnswer::read(config, is_documented ? documented->get<int>() : 200, faults);
    if (!faults.empty()) {
        return fail(Error{.code = Code::FieldInvalid,
                          .message = "the mock cannot answer like this",
                          .faults = std::move(faults)});
    }
    if (answer.body.empty() && !answer.has_no_content()) {
        answer.body = documented_body(responses, context.components);
    }
    if (!answer.body.empty() && !answer.has_content_type()) {
        const std::string_view named = data::find_string(responses, "media_type");
        answer.headers.emplace_back(
            "Content-Type",
            named.empty() ? usual_media_type(data::find_string(responses, "type")) : named);
    }
    return std::make_unique<const Mock>(std::move(answer));
}

}  // namespace

gateway::BackendKind mock() {
    return {.name = "mock", .schema = embedded::mock_schema_json, .build = build};
}

}  // namespace lintel::backends
