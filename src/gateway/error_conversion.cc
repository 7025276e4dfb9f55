#include "gateway/error_conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "gateway/exchange.h"
#include "gateway/media_type.h"

namespace lintel::gateway {
namespace {

/// 0 when the text is no status that can be answered with.
int status_in(std::string_view text) {
    const bool good = text.size() == 3 && text[0] >= '2' && text[0] <= '5' && is_digit(text[1]) &&
                      is_digit(text[2]);
    return good ? (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0') : 0;
}

FixedAnswer converted_answer(std::string_view code, std::string_view message) {
    FixedAnswer answer{.status = status_in(code)};
    if (answer.has_no_content()) { return answer; }
    answer.headers.emplace_back("Content-Type", "application/json");
    answer.body = data::dump({{"code", std::string(code)}, {"message", std::string(message)}});
    return answer;
}

/// The beginning of a body that was read already, and then the rest of it.
class ResumedBody final : public http::BodyReader {
public:
    ResumedBody(std::string begin, std::optional<Error> failure,
                std::unique_ptr<http::BodyReader> rest)
        : begin_(std::move(begin)), failure_(std::move(failure)), rest_(std::move(rest)) {}

    Task<Result<std::span<const char>>> read() override {
        if (!std::exchange(begun_, true) && !begin_.empty()) {
            co_return std::span<const char>(begin_);
        }
        if (failure_) { co_return std::unexpected(*failure_); }
        co_return co_await rest_->read();
    }
    std::span<const http::Field> trailers() const override { return rest_->trailers(); }

private:
    std::string begin_;
    bool begun_ = false;
    std::optional<Error> failure_;
    std::unique_ptr<http::BodyReader> rest_;
};

bool may_hold_code(const Exchange& exchange) {
    const Response& response = exchange.response;
    const http::Field* const type = response.fields.find(http::HeaderId::ContentType);
    if (type == nullptr || !MediaType::parse(type->value).is_json()) { return false; }
    if (response.fields.find(http::HeaderId::ContentEncoding) != nullptr) { return false; }
    return response.framing.kind != http::Framing::Kind::Length ||
           response.framing.length <= ErrorConversion::kMaxBody;
}

/// Member "code" of a JSON object, a text or an integer; empty when there is none.
std::string code_in(std::string_view body) {
    const Result<data::Json> json = data::parse_json(body);
    if (!json || !json->is_object()) { return {}; }
    const data::Json* const code = data::find(*json, "code");
    if (code == nullptr) { return {}; }
    if (code->is_number_integer()) { return data::dump(*code); }
    return code->is_string() ? code->get<std::string>() : std::string();
}

}  // namespace

std::unique_ptr<const ErrorConversion> ErrorConversion::build(const data::Json& api) {
    auto conversion = std::make_unique<ErrorConversion>();
    const data::Json* const responses = data::find(api, "responses");
    const data::Json* const rows =
        responses == nullptr ? nullptr : data::find(*responses, "error_codes");
    if (rows == nullptr) { return nullptr; }
    for (const data::Json& row : *rows) {
        const data::Json* const convert = data::find(row, "convert");
        const std::string_view code = data::find_string(row, "code");
        const std::string_view becomes = data::find_string(row, "converted_code");
        if (convert == nullptr || *convert != true || code.empty() || becomes.empty()) { continue; }
        conversion->rows_.push_back(
            {std::string(code), converted_answer(becomes, data::find_string(row, "message"))});
    }
    return conversion->rows_.empty() ? nullptr : std::move(conversion);
}

const ErrorConversion::Row* ErrorConversion::find(std::string_view code) const {
    const auto found = std::ranges::find(rows_, code, &Row::code);
    return code.empty() || found == rows_.end() ? nullptr : &*found;
}

const ErrorConversion::Row* ErrorConversion::row_for(const Exchange& exchange) const {
    const Row* const by_status = find(fmt::format_int(exchange.response.status).c_str());
    return by_status != nullptr ? by_status : find(exchange.backend_code);
}

Task<void> ErrorConversion::read_code(Exchange& exchange) const {
    Response& response = exchange.response;
    if (row_for(exchange) != nullptr || !may_hold_code(exchange)) { co_return; }
    if (response.stream == nullptr) {
        exchange.backend_code = exchange.arena().copy(code_in(response.body));
        co_return;
    }
    std::string body;
    std::optional<Error> failure;
    bool complete = false;
    while (!complete && !failure && body.size() <= kMaxBody) {
        const Result<std::span<const char>> piece = co_await response.stream->read();
        if (!piece) {
            failure = piece.error();
        } else {
            complete = piece->empty();
            body.append(piece->data(), piece->size());
        }
    }
    if (complete) { exchange.backend_code = exchange.arena().copy(code_in(body)); }
    response.stream = std::make_unique<ResumedBody>(std::move(body), std::move(failure),
                                                    std::move(response.stream));
}

void ErrorConversion::apply(Exchange& exchange) const {
    const Row* const row = row_for(exchange);
    if (row == nullptr) { return; }
    Response& response = exchange.response;
    const int status = response.status;
    response.stream.reset();
    response.framing = {};
    response.fields.clear();
    row->answer.give(exchange);
    if (response.status == 0) { response.status = status; }
}

}  // namespace lintel::gateway
