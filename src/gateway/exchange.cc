#include "gateway/exchange.h"

#include <fmt/core.h>

#include "base/assert.h"
#include "base/text.h"

namespace lintel::gateway {

void Exchange::hide_field(std::string_view name) {
    inbound.head.fields.remove_if(
        [name](const http::Field& field) { return equals_ignoring_case(field.name, name); });
}

void Exchange::hide_field(http::HeaderId id) {
    LINTEL_ASSERT(id != http::HeaderId::Other, "a field without an id is hidden by its name");
    inbound.head.fields.remove_if([id](const http::Field& field) { return field.id == id; });
}

Verdict Exchange::refuse(const Refusal& why) {
    kept_refusal_ = why;
    for (std::string_view Refusal::* text :
         {&Refusal::detail, &Refusal::reason, &Refusal::rule, &Refusal::expected, &Refusal::got,
          &Refusal::www_authenticate, &Refusal::allow, &Refusal::location}) {
        kept_refusal_.*text = arena().copy(kept_refusal_.*text);
    }
    return Verdict::refuse(kept_refusal_);
}

Verdict Exchange::refuse(Code code, std::string_view detail, std::string_view reason) {
    return refuse(Refusal{.code = code, .detail = detail, .reason = reason});
}

Task<Result<std::string_view>> Exchange::whole_body(std::uint64_t max_bytes) {
    const auto too_large = [max_bytes] {
        return fail(Code::RequestBodyTooLarge,
                    fmt::format("the body is larger than the {} bytes allowed", max_bytes));
    };
    if (whole_body_) {
        if (whole_body_->size() > max_bytes) { co_return too_large(); }
        co_return std::string_view(*whole_body_);
    }
    const http::Framing& framing = inbound.head.framing;
    const bool declared = framing.kind == http::Framing::Kind::Length;
    if (declared && framing.length > max_bytes) { co_return too_large(); }

    std::string bytes;
    if (declared) { bytes.reserve(framing.length); }
    while (inbound.body != nullptr) {
        const Result<std::span<const char>> piece = co_await inbound.body->read();
        if (!piece) { co_return std::unexpected(piece.error()); }
        if (piece->empty()) { break; }
        if (bytes.size() + piece->size() > max_bytes) { co_return too_large(); }
        bytes.append(piece->data(), piece->size());
    }
    whole_body_ = std::move(bytes);
    co_return std::string_view(*whole_body_);
}

http::BodyReader* Exchange::body() {
    if (inbound.body == nullptr) { return nullptr; }
    if (whole_body_) { return &replay_.emplace(*whole_body_); }
    return inbound.body;
}

}  // namespace lintel::gateway
