// How receivers know that an event is from us: the scheme of the Standard Webhooks specification,
// version 1.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace lintel::notify {

/// "v1," and the base64 of HMAC-SHA-256 over "{id}.{timestamp}.{body}". `secret` is "whsec_" with
/// the key in base64 behind it; `timestamp` is in seconds.
std::string sign(const Secret& secret, std::string_view id, std::string_view timestamp,
                 std::string_view body);

}  // namespace lintel::notify
