#include "base/secret.h"

#include <cstring>
#include <ostream>
#include <utility>

namespace lintel {

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
    other.wipe_moved();
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
        value_ = std::move(other.value_);
        other.wipe_moved();
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

// A short string is moved by a copy of its own bytes, which stay where they were.
void Secret::wipe_moved() {
    value_.resize(value_.capacity());
    wipe();
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
