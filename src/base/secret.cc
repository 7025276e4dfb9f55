#include "base/secret.h"

#include <cstring>
#include <ostream>
#include <utility>

namespace lintel {

// A move of a short string copies its inline buffer and leaves the bytes; so this copies, then
// wipes.
Secret::Secret(Secret&& other) noexcept
    : value_(other.value_) {  // NOLINT(performance-move-constructor-init)
    other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        wipe();
        value_ = other.value_;
    }
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        value_ = other.value_;
        other.wipe();
    }
    return *this;
}

Secret::~Secret() {
    wipe();
}

void Secret::wipe() {
    explicit_bzero(value_.data(), value_.size());
    value_.clear();
}

bool Secret::equals(std::string_view other) const {
    return constant_time_equal(value_, other);
}

std::ostream& operator<<(std::ostream& out, const Secret&) {
    return out << "[redacted]";
}

bool constant_time_equal(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) { return false; }
    unsigned char difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        difference =
            static_cast<unsigned char>(difference | (static_cast<unsigned char>(left[i]) ^
                                                     static_cast<unsigned char>(right[i])));
        asm volatile("" : "+r"(difference));  // keeps the compiler from leaving the loop early
    }
    return difference == 0;
}

}  // namespace lintel
