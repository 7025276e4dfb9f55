// A secret in memory: prints as [redacted], compares in constant time, is wiped when it dies.
#pragma once

#include <fmt/core.h>

#include <iosfwd>
#include <string>
#include <string_view>

namespace lintel {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string_view value) : value_(value) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept;
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    /// The one way to read it. Keep the view short-lived and never log it.
    std::string_view reveal() const { return value_; }
    bool empty() const { return value_.empty(); }
    /// Time depends on the lengths only.
    bool equals(std::string_view other) const;
    bool operator==(const Secret&) const = delete;

private:
    void wipe();
    void wipe_moved();
    std::string value_;
};

/// Writes "[redacted]", so that a secret in a log line or a failed test stays one.
std::ostream& operator<<(std::ostream& out, const Secret& secret);

/// Constant-time equality for two byte strings; time depends on the lengths only.
bool constant_time_equal(std::string_view left, std::string_view right);

}  // namespace lintel

template <>
struct fmt::formatter<lintel::Secret> : fmt::formatter<std::string_view> {
    template <typename Context>
    auto format(const lintel::Secret&, Context& context) const {
        return fmt::format_to(context.out(), "[redacted]");
    }
};
