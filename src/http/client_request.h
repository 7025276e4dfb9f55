// What calls over either version do with a request. Internal to the client.
#pragma once

#include <optional>
#include <string_view>

#include "http/client.h"

namespace lintel::http {

/// Written by the client itself, or of one connection only.
inline constexpr HeaderSet kWrittenByClient =
    kHopByHop | HeaderSet{HeaderId::Host, HeaderId::ContentLength, HeaderId::Expect};

/// The body, when every byte of it is in memory; taken from the stream then.
std::optional<std::string_view> whole_body(const OutgoingRequest& request);

}  // namespace lintel::http
