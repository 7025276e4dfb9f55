#include "store/text_search.h"

#include <cstddef>

#include "base/text.h"

namespace lintel::store {

namespace {
/// An entry of a PostgreSQL index is a third of a page.
constexpr std::size_t kMaxIndexedBytes = 2400;
}  // namespace

std::string like_pattern(std::string_view text) {
    std::string pattern = "%";
    for (const char c : to_lower(text)) {
        if (c == '%' || c == '_' || c == '\\') { pattern += '\\'; }
        pattern += c;
    }
    return pattern + "%";
}

void add_search(Where& where, std::string_view text) {
    if (text.empty()) { return; }
    where.add("searched LIKE " + where.placeholder(like_pattern(text)) + " ESCAPE '\\'");
}

std::string searched_text(std::initializer_list<std::string_view> texts) {
    std::string searched;
    for (const std::string_view text : texts) {
        if (searched.size() + text.size() > kMaxIndexedBytes) { continue; }
        searched += to_lower(text);
        searched += ' ';
    }
    return searched;
}

}  // namespace lintel::store
