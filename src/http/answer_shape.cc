#include "http/answer_shape.h"

#include "base/assert.h"

namespace lintel::http {

AnswerShape shape_of(const OutgoingResponse& response, const RequestHead& request) {
    const int status = response.status;
    if (status < 200 || status == 204 || status == 304) { return {Framing::none(), true}; }
    const bool to_head = request.method == "HEAD";
    if (response.stream == nullptr) {
        if (to_head && response.body.empty()) {
            const bool known = response.framing.kind == Framing::Kind::Length;
            return {known ? response.framing : Framing::none(), true};
        }
        return {Framing::of_length(response.body.size()), to_head};
    }
    if (to_head && response.framing.kind == Framing::Kind::None) {
        return {response.framing, true};
    }
    const bool counted = response.framing.kind == Framing::Kind::Length;
    return {counted ? response.framing : Framing::chunked(), to_head};
}

std::optional<std::string_view> whole_of(const OutgoingResponse& response,
                                         const AnswerShape& shape) {
    if (shape.bodiless) { return std::string_view(); }
    if (response.stream == nullptr) { return response.body; }
    if (shape.framing.kind != Framing::Kind::Length) { return std::nullopt; }
    const auto whole = response.stream->take_whole();
    if (!whole) { return std::nullopt; }
    LINTEL_ASSERT(whole->size() == shape.framing.length, "a body has the length that was stated");
    return std::string_view(whole->data(), whole->size());
}

}  // namespace lintel::http
