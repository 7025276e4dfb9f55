#include "gateway/error_conversion.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "gateway/exchange.h"

namespace lintel::gateway {
namespace {

std::optional<int> status_in(std::string_view text) {
    int status = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    const bool good = error == std::errc() && end == text.data() + text.size();
    return good && status >= 200 && status <= 599 ? std::optional(status) : std::nullopt;
}

FixedAnswer converted_answer(int status, std::string_view code, std::string_view message) {
    FixedAnswer answer{.status = status};
    if (answer.has_no_content()) { return answer; }
    answer.headers.emplace_back("Content-Type", "application/json");
    answer.body = data::dump({{"code", std::string(code)}, {"message", std::string(message)}});
    return answer;
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
        if (convert == nullptr || *convert != true) { continue; }
        const std::string_view code = data::find_string(row, "converted_code");
        const auto from = status_in(data::find_string(row, "code"));
        const auto to = status_in(code);
        if (!from || !to) { continue; }
        conversion->by_status_.emplace_back(
            *from, converted_answer(*to, code, data::find_string(row, "message")));
    }
    return conversion->by_status_.empty() ? nullptr : std::move(conversion);
}

void ErrorConversion::apply(Exchange& exchange) const {
    Response& response = exchange.response;
    const auto found =
        std::ranges::find(by_status_, response.status, &std::pair<int, FixedAnswer>::first);
    if (found == by_status_.end()) { return; }
    response.stream.reset();
    response.framing = {};
    response.fields.clear();
    found->second.give(exchange);
}

}  // namespace lintel::gateway
