// Counts what a peer may do now and then and an attacker does all the time: cheap frames that cost
// us work (CVE-2019-9512, -9515, -9518, CVE-2023-44487, CVE-2025-8671). Internal to HTTP/2.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace lintel::http {

/// Part of a connection.
class Http2FloodGuard {
public:
    enum class Kind : std::uint8_t {
        Reset,     ///< streams given up by the peer
        OurReset,  ///< streams given up because of what the peer sent
        Ping,
        Settings,
        EmptyData,  ///< without an end
        Priority,
        BadHead,       ///< heads that had to be refused
        SurplusField,  ///< a byte each, in heads that are far too long (CVE-2026-49975)
        Useful,        ///< everything else
    };
    static constexpr std::size_t kKinds = 9;

    /// One more. False when it is one too many, in this second or over all.
    bool count(Kind kind, std::uint64_t now_ms) {
        const Limit& limit = kLimits[static_cast<std::size_t>(kind)];
        if (now_ms - second_begun_ms_ >= 1000) {
            second_begun_ms_ = now_ms;
            in_second_.fill(0);
        }
        const std::uint32_t in_second = ++in_second_[static_cast<std::size_t>(kind)];
        const std::uint32_t in_all = ++in_all_[static_cast<std::size_t>(kind)];
        return in_second <= limit.per_second && in_all <= limit.in_all;
    }
    static std::string_view name(Kind kind) { return kLimits[static_cast<std::size_t>(kind)].name; }

private:
    struct Limit {
        std::string_view name;
        std::uint32_t per_second;
        std::uint32_t in_all;  ///< in the life of the connection
    };
    static constexpr std::uint32_t kNever = ~0U;
    static constexpr std::array<Limit, kKinds> kLimits = {{
        {"stream resets", 100, 1000},
        {"streams that had to be reset", 100, 1000},
        {"pings", 100, kNever},
        {"settings", 50, kNever},
        {"empty data frames", 100, kNever},
        {"priority frames", 200, kNever},
        {"refused heads", 50, 100},
        {"fields in a head", 1000, 10'000},
        {"useful frames", kNever, kNever},
    }};

    std::uint64_t second_begun_ms_ = 0;
    std::array<std::uint32_t, kKinds> in_second_{};
    std::array<std::uint32_t, kKinds> in_all_{};
};

}  // namespace lintel::http
