// A vector with room for N elements in itself; after std::inplace_vector of C++26.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>

#include "base/assert.h"

namespace lintel {

/// For plain values. Only what is in use is ever written, copied or cleared: most of a request's
/// lists are short, and touching their whole room would be real time.
template <typename T, std::size_t N>
class InplaceVector {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
    InplaceVector() {}  // NOLINT: the room stays unset
    InplaceVector(const InplaceVector& other) : size_(other.size_) {
        std::copy_n(other.begin(), size_, begin());
    }
    InplaceVector& operator=(const InplaceVector& other) {
        if (this != &other) {
            size_ = other.size_;
            std::copy_n(other.begin(), size_, begin());
        }
        return *this;
    }
    ~InplaceVector() = default;

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const T* data() const { return room_.data(); }
    T* data() { return room_.data(); }
    const T* begin() const { return room_.data(); }
    const T* end() const { return room_.data() + size_; }
    T* begin() { return room_.data(); }
    T* end() { return room_.data() + size_; }
    const T& operator[](std::size_t at) const { return room_[at]; }

    /// False when it is full.
    bool try_push_back(const T& value) {
        if (size_ == N) { return false; }
        room_[size_++] = value;
        return true;
    }
    void push_back(const T& value) {
        LINTEL_ASSERT(size_ < N, "a list outgrew its room");
        room_[size_++] = value;
    }
    void pop_back() { --size_; }
    /// Drops what stands behind the first `size` elements.
    void truncate(std::size_t size) { size_ = size; }
    void clear() { size_ = 0; }

private:
    union {
        std::array<T, N> room_;  // NOLINT(readability-identifier-naming): private all the same
    };
    std::size_t size_ = 0;
};

}  // namespace lintel
