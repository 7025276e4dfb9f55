// Strong, time-ordered ids: "svc_01jd9k2m…". The prefix names the noun, so an id in a log says what
// it is.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace lintel {

/// An id of one noun; ids of different nouns do not convert into each other.
template <typename Noun>
class Id {
public:
    Id() = default;
    explicit Id(std::string value) : value_(std::move(value)) {}
    const std::string& str() const { return value_; }
    bool empty() const { return value_.empty(); }
    auto operator<=>(const Id&) const = default;

private:
    std::string value_;
};

/// prefix + "_" + 26 characters: 48 bits of time, 80 bits of randomness, in Crockford's base 32,
/// lower case. Ids made later sort later. Thread-safe.
std::string make_id(std::string_view prefix);

}  // namespace lintel

template <typename Noun>
struct std::hash<lintel::Id<Noun>> {
    std::size_t operator()(const lintel::Id<Noun>& id) const {
        return std::hash<std::string>{}(id.str());
    }
};
