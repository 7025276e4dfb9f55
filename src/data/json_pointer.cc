// JSON pointers (RFC 6901) and the URI fragments made of them.
#include <fmt/core.h>

#include <optional>

#include "base/text.h"
#include "data/json.h"

namespace lintel::data {
namespace {

std::optional<std::size_t> array_index(std::string_view token) {
    if (token.empty() || token.size() > 9 || (token.size() > 1 && token.front() == '0')) {
        return std::nullopt;
    }
    std::size_t index = 0;
    for (const char c : token) {
        if (c < '0' || c > '9') { return std::nullopt; }
        index = index * 10 + static_cast<std::size_t>(c - '0');
    }
    return index;
}

std::optional<std::string> unescape_pointer(std::string_view token) {
    std::string result;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
            result += token[i];
            continue;
        }
        const char next = i + 1 < token.size() ? token[++i] : '\0';
        if (next != '0' && next != '1') { return std::nullopt; }
        result += next == '0' ? '~' : '/';
    }
    return result;
}

}  // namespace

std::string escape_pointer(std::string_view token) {
    std::string result;
    result.reserve(token.size());
    for (const char c : token) {
        if (c == '~') {
            result += "~0";
        } else if (c == '/') {
            result += "~1";
        } else {
            result += c;
        }
    }
    return result;
}

std::string child_pointer(std::string_view pointer, std::string_view token) {
    return fmt::format("{}/{}", pointer, escape_pointer(token));
}

std::string child_pointer(std::string_view pointer, std::size_t index) {
    return fmt::format("{}/{}", pointer, index);
}

const Json* resolve_pointer(const Json& root, std::string_view pointer) {
    const Json* at = &root;
    while (!pointer.empty()) {
        if (pointer.front() != '/') { return nullptr; }
        pointer.remove_prefix(1);
        const std::string_view token = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(token.size());
        const auto name = unescape_pointer(token);
        if (!name) { return nullptr; }
        if (at->is_array()) {
            const auto index = array_index(*name);
            at = index && *index < at->size() ? &(*at)[*index] : nullptr;
        } else {
            at = find(*at, *name);
        }
        if (at == nullptr) { return nullptr; }
    }
    return at;
}

Result<std::string> pointer_of_fragment(std::string_view reference) {
    if (!reference.starts_with('#') || (reference.size() > 1 && reference[1] != '/')) {
        return fail(Code::FieldInvalid, "The reference is not of the form #/a/b");
    }
    reference.remove_prefix(1);
    std::string pointer;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        if (reference[i] != '%') {
            pointer += reference[i];
            continue;
        }
        const auto byte = from_hex(reference.substr(i + 1, 2));
        if (!byte || byte->size() != 1) {
            return fail(Code::FieldInvalid, "The reference has a malformed %XX");
        }
        pointer += *byte;
        i += 2;
    }
    return pointer;
}

}  // namespace lintel::data
