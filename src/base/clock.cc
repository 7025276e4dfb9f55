#include "base/clock.h"

#include <fmt/core.h>

#include <array>

namespace lintel {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
    int year;
    unsigned month, day;
    int hour, minute, second, millisecond;
    unsigned weekday;
};

Civil to_civil(TimeMs time) {
    using namespace std::chrono;
    const sys_time<milliseconds> point{milliseconds{time}};
    const auto day = floor<days>(point);
    const year_month_day date{day};
    const hh_mm_ss clock{point - day};
    return {static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            static_cast<int>(clock.hours().count()),
            static_cast<int>(clock.minutes().count()),
            static_cast<int>(clock.seconds().count()),
            static_cast<int>(clock.subseconds().count()),
            weekday{day}.c_encoding()};
}

/// Exactly `count` digits at `at`, or nothing.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) { return std::nullopt; }
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') { return std::nullopt; }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

std::optional<TimeMs> from_civil(int year, int month, int day, int hour, int minute, int second) {
    using namespace std::chrono;
    const year_month_day date{std::chrono::year{year},
                              std::chrono::month{static_cast<unsigned>(month)},
                              std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) { return std::nullopt; }
    const auto point = sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
    return duration_cast<milliseconds>(point.time_since_epoch()).count();
}

}  // namespace

TimeMs SystemClock::now_ms() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string to_rfc3339(TimeMs time) {
    const Civil c = to_civil(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day, c.hour,
                       c.minute, c.second, c.millisecond);
}

std::optional<TimeMs> parse_rfc3339(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) { return std::nullopt; }
    // A leap second is a valid date-time; it counts as the last ordinary second.
    const auto base = from_civil(*year, *month, *day, *hour, *minute, *second == 60 ? 59 : *second);
    if (!base) { return std::nullopt; }

    std::size_t at = 19;
    int millisecond = 0;
    if (text[at] == '.') {
        const std::size_t start = ++at;
        for (int scale = 100; at < text.size() && text[at] >= '0' && text[at] <= '9';
             ++at, scale /= 10) {
            millisecond += (text[at] - '0') * scale;
        }
        if (at == start) { return std::nullopt; }
    }
    const std::string_view zone = text.substr(at);
    if (zone == "Z" || zone == "z") { return *base + millisecond; }
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
        return std::nullopt;
    }
    const auto zone_hour = digits(zone, 1, 2);
    const auto zone_minute = digits(zone, 4, 2);
    if (!zone_hour || !zone_minute || *zone_hour > 23 || *zone_minute > 59) { return std::nullopt; }
    const TimeMs offset = (*zone_hour * 60LL + *zone_minute) * 60'000;
    return *base + millisecond - (zone[0] == '+' ? offset : -offset);
}

std::string to_imf_fixdate(TimeMs time) {
    const Civil c = to_civil(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[c.weekday], c.day,
                       kMonths[c.month - 1], c.year, c.hour, c.minute, c.second);
}

std::optional<TimeMs> parse_imf_fixdate(std::string_view text) {
    if (text.size() != 29) { return std::nullopt; }
    const auto day = digits(text, 5, 2);
    const auto year = digits(text, 12, 4);
    const auto hour = digits(text, 17, 2);
    const auto minute = digits(text, 20, 2);
    const auto second = digits(text, 23, 2);
    int month = 0;
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (text.substr(8, 3) == kMonths[i]) { month = static_cast<int>(i) + 1; }
    }
    if (!day || !year || !hour || !minute || !second || month == 0) { return std::nullopt; }
    if (text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
        text[19] != ':' || text[22] != ':' || !text.ends_with(" GMT")) {
        return std::nullopt;
    }
    const auto time = from_civil(*year, month, *day, *hour, *minute, *second);
    if (!time || text.substr(0, 3) != kDays[to_civil(*time).weekday]) { return std::nullopt; }
    return time;
}

}  // namespace lintel
