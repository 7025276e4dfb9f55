// Questions the validator asks about single values, and how it speaks of them. Internal to data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.h"

namespace lintel::data {

/// The TypeBits of a value: an integer is also a number.
std::uint8_t bits_of(const Json& value);
/// "string or null"
std::string names_of(std::uint8_t types);
/// At most a line of a text from the schema.
std::string shortened(std::string text);
/// Numbers and booleans as they are; a string only by its length, because it may be a secret.
std::string described(const Json& value);
std::string listed(const std::vector<Json>& values);
std::size_t code_points(std::string_view text);
/// In decimals, because 0.0075 is a multiple of 0.0001 for people, but not for doubles. REQUIRES:
/// factor > 0.
bool is_multiple(const Json& number, const Json& factor);
bool all_unique(const Json& array);

}  // namespace lintel::data
