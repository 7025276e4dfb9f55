// Small parsers: dates, base64, hex, addresses, parameters. What was read writes the same.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/text.h"
#include "data/parameter_style.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel;
    using fuzz::require;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto time = parse_imf_fixdate(text)) {
        require(to_imf_fixdate(*time) == text, "a date has one spelling");
    }
    if (const auto time = parse_rfc3339(text)) {
        require(parse_rfc3339(to_rfc3339(*time)) == time, "a time reads back");
    }
    if (const auto bytes = from_base64(text)) {
        require(to_base64(*bytes) == text, "base64 has one spelling");
    }
    if (const auto bytes = from_base64url(text)) {
        require(to_base64url(*bytes) == text, "base64url has one spelling");
    }
    if (const auto bytes = from_hex(text)) {
        require(to_hex(*bytes) == to_lower(text), "hex has one spelling");
    }
    if (const auto pairs = data::split_query(text)) {
        for (const auto& pair : *pairs) {
            require(data::percent_decode(pair.value, true).size() <= pair.value.size(),
                    "decoding never grows");
        }
    }
    return 0;
}
