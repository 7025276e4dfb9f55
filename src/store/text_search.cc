#include "store/text_search.h"

#include "base/text.h"

namespace lintel::store {

std::string like_pattern(std::string_view text) {
    std::string pattern = "%";
    for (const char c : to_lower(text)) {
        if (c == '%' || c == '_' || c == '\\') { pattern += '\\'; }
        pattern += c;
    }
    return pattern + "%";
}

}  // namespace lintel::store
