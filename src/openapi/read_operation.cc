#include "openapi/read_operation.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace lintel::openapi {
namespace {

using data::Json;

/// "Application/JSON; charset=utf-8" -> "application/json"
std::string bare_media_type(std::string_view text) {
    return to_lower(trim(text.substr(0, text.find(';'))));
}

bool is_status(std::string_view text) {
    return text == "default" ||
           (text.size() == 3 && text[0] >= '1' && text[0] <= '5' &&
            ((is_digit(text[1]) && is_digit(text[2])) || to_lower(text.substr(1)) == "xx"));
}

constexpr std::size_t kMaxExampleParts = 5'000;
constexpr std::size_t kMaxExampleDepth = 32;

/// Examples of real files are put together by references although OpenAPI takes them for data. What
/// cannot be resolved stays as it is.
Json assembled(const Source& source, const Json& value, std::size_t depth, std::size_t& parts) {
    if (++parts > kMaxExampleParts || depth > kMaxExampleDepth) { return value; }
    if (value.is_array()) {
        Json result = Json::array();
        for (const Json& element : value) {
            result.push_back(assembled(source, element, depth + 1, parts));
        }
        return result;
    }
    if (!value.is_object()) { return value; }
    const auto pointer = data::pointer_of_fragment(data::find_string(value, "$ref"));
    if (value.size() == 1 && pointer) {
        const Json* target = data::resolve_pointer(source.root(), *pointer);
        return target == nullptr ? value : assembled(source, *target, depth + 1, parts);
    }
    Json result = Json::object();
    for (const auto& [name, member] : value.items()) {
        data::append(result, name, assembled(source, member, depth + 1, parts));
    }
    return result;
}

std::optional<Json> written_example(ReadContext& context, const Place& owner,
                                    const std::optional<Place>& schema) {
    if (const auto example = owner.member("example")) { return *example->value; }
    if (const auto examples = owner.member("examples"); examples && !examples->value->empty()) {
        if (examples->value->is_array()) { return examples->value->front(); }
        if (examples->value->is_object()) {
            const auto first = context.source.follow(examples->first_member().second);
            if (const auto content = first ? first->member("value") : std::nullopt) {
                return *content->value;
            }
        }
    }
    const auto followed = schema ? context.source.follow(*schema) : std::nullopt;
    if (const auto example = followed ? followed->member("example") : std::nullopt) {
        return *example->value;
    }
    return std::nullopt;
}

Response read_response(ReadContext& context, std::string status, const Place& place) {
    Response response;
    response.status = std::move(status);
    response.description = context.source.text(place, "description");
    const auto content = context.source.object(place, "content");
    if (!content || content->value->empty()) { return response; }
    const auto [type, first] = content->first_member();
    response.media_type = bare_media_type(type);
    const auto schema = first.member("schema");
    if (schema) { response.schema = context.schemas.take(*schema, false); }
    response.example = read_example(context, first, schema);
    return response;
}

std::vector<ErrorCode> read_error_codes(Source& source, const Place& operation) {
    std::vector<ErrorCode> codes;
    const auto list = source.array(operation, "x-error-codes");
    if (!list) { return codes; }
    for (std::size_t i = 0; i < list->value->size(); ++i) {
        const Place place = list->element(i);
        codes.push_back({source.text(place, "code"), source.text(place, "message"),
                         source.text(place, "description")});
    }
    return codes;
}

std::string first_tag(Source& source, const Place& operation) {
    const auto tags = source.array(operation, "tags");
    if (!tags || tags->value->empty() || !tags->value->front().is_string()) { return {}; }
    return tags->value->front().get<std::string>();
}

}  // namespace

std::optional<Json> read_example(ReadContext& context, const Place& owner,
                                 const std::optional<Place>& schema) {
    const std::optional<Json> written = written_example(context, owner, schema);
    if (!written) { return std::nullopt; }
    std::size_t parts = 0;
    return assembled(context.source, *written, 0, parts);
}

std::optional<RequestBody> read_body(ReadContext& context, const Place& operation) {
    const auto member = context.source.object(operation, "requestBody");
    const auto place = member ? context.source.follow(*member) : std::nullopt;
    if (!place) { return std::nullopt; }
    RequestBody body;
    body.required = context.source.flag(*place, "required");
    body.description = context.source.text(*place, "description");
    const auto content = context.source.object(*place, "content");
    if (!content) { return body; }
    for (const auto& [type, value] : content->value->items()) {
        const Place media{&value, data::child_pointer(content->pointer, type)};
        MediaType result{.type = bare_media_type(type), .example = std::nullopt};
        if (std::ranges::find(body.content, result.type, &MediaType::type) != body.content.end()) {
            context.source.warn(
                media.pointer, "openapi.media_type_repeated",
                fmt::format("the media type {} is declared twice; the first counts", result.type));
            continue;
        }
        const auto schema = media.member("schema");
        if (schema) { result.schema = context.schemas.take(*schema, true); }
        result.example = read_example(context, media, schema);
        body.content.push_back(std::move(result));
    }
    return body;
}

std::vector<Response> read_responses(ReadContext& context, const Place& operation) {
    std::vector<Response> responses;
    const auto member = context.source.object(operation, "responses");
    if (!member) { return responses; }
    for (const auto& [status, value] : member->value->items()) {
        const Place place{&value, data::child_pointer(member->pointer, status)};
        if (status.starts_with("x-")) { continue; }
        if (!is_status(status)) {
            context.source.warn(
                place.pointer, "openapi.response_status",
                fmt::format(
                    "the response '{}' is left out: it is not a status like 200, 4XX or default",
                    status));
            continue;
        }
        const auto response = context.source.follow(place);
        if (!response) { continue; }
        std::string written = status;
        std::ranges::replace(written, 'x', 'X');
        responses.push_back(read_response(context, std::move(written), *response));
    }
    return responses;
}

std::optional<Operation> read_operation(ReadContext& context, const OperationSite& site) {
    Source& source = context.source;
    Operation operation;
    operation.pointer = site.operation.pointer;
    operation.method = site.method;
    operation.path = site.path;
    operation.operation_id = source.text(site.operation, "operationId");
    operation.summary = source.text(site.operation, "summary");
    operation.description = source.text(site.operation, "description");
    operation.tag = first_tag(source, site.operation);
    operation.deprecated = source.flag(site.operation, "deprecated");
    auto parameters = read_parameters(context, site);
    if (!parameters) { return std::nullopt; }
    operation.parameters = std::move(*parameters);
    operation.body = read_body(context, site.operation);
    operation.responses = read_responses(context, site.operation);
    operation.error_codes = read_error_codes(source, site.operation);
    operation.auth = read_security(context, site.operation);
    read_backend(context, site, operation);
    if (const auto extension = site.operation.member("x-lintel")) {
        operation.extension = *extension->value;
    }
    return operation;
}

}  // namespace lintel::openapi
