#include "auth/hmac/candidates.h"

#include <algorithm>
#include <tuple>

#include "base/ascii.h"

namespace lintel::auth {
namespace {

using CharacterSet = std::array<bool, 256>;

constexpr CharacterSet set_of(std::string_view characters) {
    CharacterSet set{};
    for (const char c : characters) {
        set[static_cast<unsigned char>(c)] = true;
    }
    return set;
}

constexpr std::string_view kPathDelimiters = "/?#%";
// RFC 3986 section 2.2, and "%" itself.
constexpr std::string_view kReserved = ":/?#[]@!$&'()*+,;=%";

bool is_control(unsigned char c) {
    return c < 0x20 || c == 0x7F;
}

bool has_broken_triplet(std::string_view text) {
    for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at)) {
        if (triplet_value(text.substr(at)) < 0) { return true; }
        at += 3;
    }
    return false;
}

/// Decodes triplets for which `stays` is false, and "+" as a space when asked. The result is never
/// longer than the text.
template <typename Stays>
std::string_view decode(std::string_view text, bool plus_is_space, Arena& arena, Stays stays) {
    char* const to = static_cast<char*>(arena.allocate(text.size(), 1));
    std::size_t size = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int byte = triplet_value(text.substr(i));
        if (byte >= 0 && !stays(static_cast<unsigned char>(byte))) {
            to[size++] = static_cast<char>(byte);
            i += 2;
        } else {
            to[size++] = plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return {to, size};
}

/// A name or value of a query, wholly decoded.
std::string_view form_decoded(std::string_view text, Arena& arena) {
    if (text.find_first_of("%+") == std::string_view::npos) { return text; }
    return decode(text, true, arena, [](unsigned char) { return false; });
}

std::string_view percent_encoded(std::string_view text, Arena& arena) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto plain = static_cast<std::size_t>(std::ranges::count_if(text, is_unreserved));
    if (plain == text.size()) { return text; }
    const std::size_t size = plain + 3 * (text.size() - plain);
    char* const to = static_cast<char*>(arena.allocate(size, 1));
    char* out = to;
    for (const char c : text) {
        if (is_unreserved(c)) {
            *out++ = c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        *out++ = '%';
        *out++ = kHex[byte >> 4U];
        *out++ = kHex[byte & 15U];
    }
    return {to, size};
}

/// Joins "name=value" with "&" in the order of the pairs.
template <typename Pairs, typename Text>
std::string_view joined(const Pairs& pairs, Arena& arena, Text text) {
    const std::span<std::string_view> parts(
        arena.make_array<std::string_view>(pairs.size() * 4 + 1), pairs.size() * 4 + 1);
    std::size_t count = 0;
    std::size_t size = 0;
    for (const auto& pair : pairs) {
        const auto [name, value] = text(pair);
        for (const std::string_view part :
             {std::string_view(count == 0 ? "" : "&"), name, std::string_view("="), value}) {
            parts[count++] = part;
            size += part.size();
        }
    }
    if (size == 0) { return {}; }
    char* const to = static_cast<char*>(arena.allocate(size, 1));
    char* out = to;
    for (const std::string_view part : parts.first(count)) {
        out = std::ranges::copy(part, out).out;
    }
    return {to, size};
}

void add_decoded(Spellings& spellings, std::string_view raw, std::string_view delimiters,
                 Arena& arena) {
    // Decoding around a broken triplet could make a new one out of its neighbours.
    if (raw.find('%') == std::string_view::npos || has_broken_triplet(raw)) { return; }
    spellings.add(percent_decoded(raw, delimiters, arena));
    spellings.add(percent_decoded(raw, kReserved, arena));
}

}  // namespace

Spellings path_spellings(std::string_view raw, Arena& arena) {
    Spellings spellings;
    spellings.add(raw.empty() ? "/" : raw);
    add_decoded(spellings, raw, kPathDelimiters, arena);
    return spellings;
}

Spellings query_spellings(std::string_view raw, CanonicalQuery forms, Arena& arena) {
    Spellings spellings;
    spellings.add(raw);
    if (raw.empty()) { return spellings; }
    add_decoded(spellings, raw, kQueryDelimiters, arena);
    const SortedQuery sorted(raw, arena);
    if (!sorted.is_usable()) { return spellings; }
    spellings.add(sorted.encoded(arena));
    if (forms == CanonicalQuery::AlsoUnencoded && !has_broken_triplet(raw)) {
        spellings.add(sorted.unencoded(kQueryDelimiters, arena));
    }
    return spellings;
}

std::string_view percent_decoded(std::string_view text, std::string_view kept, Arena& arena) {
    return decode(text, false, arena, [set = set_of(kept)](unsigned char byte) {
        return is_control(byte) || set[byte];
    });
}

SortedQuery::SortedQuery(std::string_view raw, Arena& arena) {
    const auto count = static_cast<std::size_t>(std::ranges::count(raw, '&')) + 1;
    if (count > kMaxPairs) {
        usable_ = false;
        return;
    }
    pairs_ = {arena.make_array<Pair>(count), count};
    std::size_t kept = 0;
    for (std::string_view rest = raw; !rest.empty();) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view name = pair.substr(0, equals);
        const std::string_view value = pair.substr(std::min(pair.size(), equals + 1));
        if (name.empty()) {
            usable_ = usable_ && value.empty();
            continue;
        }
        pairs_[kept++] = {name, value, form_decoded(name, arena), form_decoded(value, arena)};
    }
    pairs_ = pairs_.first(kept);
    std::ranges::sort(pairs_, [](const Pair& left, const Pair& right) {
        return std::tie(left.name, left.value) < std::tie(right.name, right.value);
    });
}

std::string_view SortedQuery::encoded(Arena& arena) const {
    return joined(pairs_, arena, [&arena](const Pair& pair) {
        return std::pair(percent_encoded(pair.name, arena), percent_encoded(pair.value, arena));
    });
}

std::string_view SortedQuery::unencoded(std::string_view kept, Arena& arena) const {
    const auto stays = [set = set_of(kept)](unsigned char byte) {
        return is_control(byte) || set[byte];
    };
    return joined(pairs_, arena, [&](const Pair& pair) {
        return std::pair(decode(pair.raw_name, true, arena, stays),
                         decode(pair.raw_value, true, arena, stays));
    });
}

}  // namespace lintel::auth
