// Which characters may stand where in HTTP/1.1. Internal to the codec.
#pragma once

#include "base/ascii.h"
#include "base/byte_set.h"

namespace lintel::http::http1 {

/// What names of fields are made of; "_" is refused by default.
inline constexpr ByteSet kPlainNameChars =
    ByteSet::of([](char c) { return is_token_character(c) && c != '_'; });
/// Visible ASCII without "#": what may stand in a request target.
inline constexpr ByteSet kTargetChars =
    ByteSet::of([](char c) { return c > ' ' && c < 0x7F && c != '#'; });
/// Of host names and IPv4 addresses.
inline constexpr ByteSet kHostChars = ByteSet::of(is_unreserved);
/// No controls but HTAB: what may stand in a field value.
inline constexpr ByteSet kValueChars = ByteSet::of(
    [](char c) { return (c >= ' ' && c != 0x7F) || c == '\t'; }, ByteSet::BeyondAscii::Inside);

}  // namespace lintel::http::http1
