// What a client may have signed: the path and the query in the spellings that mean the same
// request. Pure functions over bytes; nothing here knows a secret.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/arena.h"

namespace lintel::auth {

/// A few spellings of one text, each once. Views into the request or the arena.
class Spellings {
public:
    void add(std::string_view text) {
        for (const std::string_view known : texts()) {
            if (known == text) { return; }
        }
        texts_[count_++] = text;
    }
    std::span<const std::string_view> texts() const { return {texts_.data(), count_}; }

private:
    std::array<std::string_view, 5> texts_;
    std::size_t count_ = 0;
};

enum class CanonicalQuery : bool { EncodedOnly, AlsoUnencoded };

/// As sent, and twice percent-decoded: once leaving the delimiters "/?#%" and controls encoded,
/// once leaving every reserved character encoded. So nothing that is signed for one request is good
/// for another.
Spellings path_spellings(std::string_view raw, Arena& arena);
/// As sent, the same two decoded forms (here "&=#?%+" delimit), and the canonical query.
Spellings query_spellings(std::string_view raw, CanonicalQuery forms, Arena& arena);

/// Decodes every triplet but those that yield a control or a character of `kept`. Triplets that
/// stay are copied as sent.
std::string_view percent_decoded(std::string_view text, std::string_view kept, Arena& arena);

/// The query as pairs in canonical order: by name, then value, both decoded ("+" is a space). Pairs
/// without a name are left out; a name without "=" has an empty value.
class SortedQuery {
public:
    /// Longer queries have no canonical form.
    static constexpr std::size_t kMaxPairs = 1000;

    SortedQuery(std::string_view raw, Arena& arena);

    /// False when there are too many pairs, or a nameless pair has a value: it would go unsigned.
    bool is_usable() const { return usable_; }
    /// Everything but unreserved characters as upper-case triplets.
    std::string_view encoded(Arena& arena) const;
    /// Decoded, but for what percent_decoded keeps.
    std::string_view unencoded(std::string_view kept, Arena& arena) const;

private:
    struct Pair {
        std::string_view raw_name;
        std::string_view raw_value;
        std::string_view name;  ///< decoded
        std::string_view value;
    };

    std::span<Pair> pairs_;
    bool usable_ = true;
};

/// The characters whose triplets stay in the first decoded form of a query.
inline constexpr std::string_view kQueryDelimiters = "&=#?%+";

}  // namespace lintel::auth
