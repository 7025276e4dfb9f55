// What of an answer goes over the wire, whatever the version. Internal to the server.
#pragma once

#include <optional>
#include <string_view>

#include "http/handler.h"

namespace lintel::http {

/// Written by the server itself, or of one connection only.
inline constexpr HeaderSet kWrittenByServer =
    kHopByHop | HeaderSet{HeaderId::ContentLength, HeaderId::Date};

struct AnswerShape {
    Framing framing;        ///< written into the head
    bool bodiless = false;  ///< nothing follows the head
};
/// RFC 9110 section 6.4.1. Streams of unknown length come out as chunked.
AnswerShape shape_of(const OutgoingResponse& response, const RequestHead& request);

/// What follows the head, if all of it is in memory.
std::optional<std::string_view> whole_of(const OutgoingResponse& response,
                                         const AnswerShape& shape);

}  // namespace lintel::http
