#include "gateway/fixed_answer.h"

#include <algorithm>
#include <optional>

#include "gateway/exchange.h"
#include "http/message.h"

namespace lintel::gateway {
namespace {

std::optional<Fault> fault_of_header(const std::string& name, const std::string& value) {
    const http::HeaderId id = http::header_id(name);
    const std::string pointer = data::child_pointer("/headers", name);
    if (http::kHopByHop.contains(id) || id == http::HeaderId::ContentLength ||
        id == http::HeaderId::Date) {
        return Fault{pointer, "field.forbidden", "is written by the gateway itself"};
    }
    const bool has_control = std::ranges::any_of(value, [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
    if (has_control) { return Fault{pointer, "field.value", "holds a control character"}; }
    return std::nullopt;
}

}  // namespace

FixedAnswer FixedAnswer::read(const data::Json& config, int usual_status,
                              std::vector<Fault>& faults) {
    FixedAnswer answer{.status = usual_status};
    if (const data::Json* status = data::find(config, "status")) {
        answer.status = status->get<int>();
    }
    if (const data::Json* headers = data::find(config, "headers")) {
        for (const auto& [name, value] : headers->items()) {
            answer.headers.emplace_back(name, value.get<std::string>());
            if (auto fault = fault_of_header(name, answer.headers.back().second)) {
                faults.push_back(*std::move(fault));
            }
        }
    }
    answer.body = data::find_string(config, "body");
    if (answer.body.size() > kMaxBody) {
        faults.push_back({"/body", "field.length", "is longer than 64 KB"});
    }
    if (answer.has_no_content() && !answer.body.empty()) {
        faults.push_back(
            {"/body", "field.forbidden", "must be empty: an answer with this status has no body"});
    }
    return answer;
}

bool FixedAnswer::has_content_type() const {
    return std::ranges::any_of(headers, [](const auto& header) {
        return http::header_id(header.first) == http::HeaderId::ContentType;
    });
}

void FixedAnswer::give(Exchange& exchange) const {
    Response& response = exchange.response;
    response.status = status;
    for (const auto& [name, value] : headers) {
        response.fields.add(name, value);
    }
    response.body = body;
}

}  // namespace lintel::gateway
