// The formats of strings that JSON Schema's "format" may ask for and Lintel checks. Unknown ones
// are annotations.
#pragma once

#include <string_view>

namespace lintel::data {

enum class StringFormat { None, Byte, Date, DateTime, Uuid, Email, Ipv4, Ipv6, Uri };
/// None for every format that is not checked.
StringFormat string_format(std::string_view name);
bool matches(StringFormat format, std::string_view text);

}  // namespace lintel::data
