// Content-Type as validation and mapping understand it. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace lintel::gateway {

/// One media type of a Content-Type field or of a contract.
struct MediaType {
    std::string essence;        ///< "application/json": lower case, without parameters; empty: none
    std::string_view charset;   ///< as sent, without quotes
    std::string_view boundary;  ///< of a multipart type, without quotes

    /// Malformed text gives an empty essence.
    static MediaType parse(std::string_view text);

    bool is_json() const;  ///< application/json or anything that ends in +json
    bool is_form() const { return essence == "application/x-www-form-urlencoded"; }
    bool is_multipart() const { return essence == "multipart/form-data"; }
    /// True when no charset is named or one that UTF-8 covers.
    bool is_utf8() const;
};

/// 3: the same type; 2: "text/*" covers it; 1: "*/*" does; 0: another type.
int media_type_match(std::string_view declared, std::string_view essence);

}  // namespace lintel::gateway
