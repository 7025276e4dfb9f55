// Hashes in one call. Results are raw bytes; base/text.h turns them into hex or base64.
#pragma once

#include <string>
#include <string_view>

namespace lintel::crypto {

/// 32 bytes. For looking up what is random already (tokens, set-up codes), never for passwords.
std::string sha256(std::string_view data);
/// 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view data);

}  // namespace lintel::crypto
