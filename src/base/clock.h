// Time. Wall-clock time comes from a Clock so that tests can set it; intervals use the monotonic
// clock.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lintel {

/// Milliseconds since 1970-01-01T00:00:00Z; the unit of every stored time.
using TimeMs = std::int64_t;

class Clock {
public:
    virtual ~Clock() = default;
    virtual TimeMs now_ms() const = 0;
};

class SystemClock final : public Clock {
public:
    TimeMs now_ms() const override;
};

/// For tests: stands still until it is moved, from any thread.
class FakeClock final : public Clock {
public:
    explicit FakeClock(TimeMs start) : now_(start) {}
    TimeMs now_ms() const override { return now_; }
    void set(TimeMs now) { now_ = now; }
    void advance(std::chrono::milliseconds by) { now_ += by.count(); }

private:
    std::atomic<TimeMs> now_;
};

/// "2026-11-24T08:30:00.000Z" (RFC 3339, UTC, always milliseconds).
std::string to_rfc3339(TimeMs time);
/// Accepts the form above, with or without a fraction, with "Z" or an offset.
std::optional<TimeMs> parse_rfc3339(std::string_view text);
/// "Fri, 20 Nov 2026 08:30:00 GMT" (RFC 9110 IMF-fixdate).
std::string to_imf_fixdate(TimeMs time);
/// IMF-fixdate only: no obsolete forms, exact length, right weekday.
std::optional<TimeMs> parse_imf_fixdate(std::string_view text);

}  // namespace lintel
