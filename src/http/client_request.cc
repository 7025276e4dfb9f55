#include "http/client_request.h"

namespace lintel::http {

std::optional<std::string_view> whole_body(const OutgoingRequest& request) {
    if (request.stream == nullptr || request.framing.kind == Framing::Kind::None) {
        return request.body;
    }
    const auto whole = request.stream->take_whole();
    if (!whole) { return std::nullopt; }
    return std::string_view(whole->data(), whole->size());
}

}  // namespace lintel::http
