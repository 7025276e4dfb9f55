#include "gateway/media_type.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace lintel::gateway {

namespace {

/// The text up to the next ";" that is not quoted; `text` moves behind it.
std::string_view next_part(std::string_view& text) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
        if (text[end] == '\\' && quoted) {
            ++end;
        } else if (text[end] == '"') {
            quoted = !quoted;
        } else if (text[end] == ';' && !quoted) {
            break;
        }
    }
    end = std::min(end, text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

}  // namespace

MediaType MediaType::parse(std::string_view text) {
    MediaType type;
    const std::string_view essence = next_part(text);
    const std::size_t slash = essence.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == essence.size()) {
        return type;
    }
    const bool is_valid = std::ranges::all_of(essence.substr(0, slash), is_token_character) &&
                          std::ranges::all_of(essence.substr(slash + 1), is_token_character);
    if (!is_valid) { return type; }
    type.essence = to_lower(essence);
    while (!text.empty()) {
        const std::string_view part = next_part(text);
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) { continue; }
        const std::string_view name = trim(part.substr(0, equals));
        std::string_view value = trim(part.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            value = value.substr(1, value.size() - 2);
        }
        if (equals_ignoring_case(name, "charset")) {
            type.charset = value;
        } else if (equals_ignoring_case(name, "boundary")) {
            type.boundary = value;
        }
    }
    return type;
}

bool MediaType::is_json() const {
    return essence == "application/json" || essence.ends_with("+json");
}

bool MediaType::is_utf8() const {
    return charset.empty() || equals_ignoring_case(charset, "utf-8") ||
           equals_ignoring_case(charset, "utf8") || equals_ignoring_case(charset, "us-ascii");
}

int media_type_match(std::string_view declared, std::string_view essence) {
    if (declared == essence) { return 3; }
    if (declared == "*/*") { return 1; }
    if (declared.ends_with("/*") && essence.starts_with(declared.substr(0, declared.size() - 1))) {
        return 2;
    }
    return 0;
}

}  // namespace lintel::gateway
