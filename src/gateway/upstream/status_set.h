// A set of HTTP status codes, written as a list of codes and ranges.
#pragma once

#include <bitset>
#include <optional>
#include <span>
#include <string>

namespace lintel::gateway {

class StatusSet {
public:
    static constexpr int kLowest = 100;
    static constexpr int kHighest = 599;

    /// Of texts like "404" and "500-599"; nullopt when one is neither.
    static std::optional<StatusSet> parse(std::span<const std::string> texts);
    bool contains(int status) const {
        return status >= kLowest && status <= kHighest &&
               bits_[static_cast<std::size_t>(status - kLowest)];
    }
    bool empty() const { return bits_.none(); }
    bool operator==(const StatusSet&) const = default;

private:
    std::bitset<kHighest - kLowest + 1> bits_;
};

}  // namespace lintel::gateway
