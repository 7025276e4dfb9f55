// Keys and secrets that Lintel makes for people and programs.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace lintel::crypto {

/// 20 lower-case hexadecimal characters: the public half of a key pair.
std::string make_access_key();
/// 40 lower-case hexadecimal characters (160 random bits): the secret half of a key pair.
Secret make_secret();
/// `prefix` and 43 url-safe characters (256 random bits), for tokens that are kept as a hash only.
Secret make_token(std::string_view prefix);

}  // namespace lintel::crypto
