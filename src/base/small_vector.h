// A vector with room for a few elements in itself, and for the rest, up to a limit, elsewhere.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/assert.h"

namespace lintel {

/// For plain values of which there are few nearly always, in objects of which there are very many.
/// The first one that does not fit moves all of them to a block with room for Most, kept until
/// clear(). As with InplaceVector, only what is in use is ever written or copied.
template <typename T, std::size_t Few, std::size_t Most>
class SmallVector {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    static_assert(Few < Most);

public:
    static constexpr std::size_t kMost = Most;

    SmallVector() {}  // NOLINT: the room stays unset
    SmallVector(const SmallVector& other) { copy(other); }
    SmallVector(SmallVector&& other) noexcept { take(other); }
    SmallVector& operator=(const SmallVector& other) {
        if (this != &other) {
            clear();
            copy(other);
        }
        return *this;
    }
    SmallVector& operator=(SmallVector&& other) noexcept {
        if (this != &other) { take(other); }
        return *this;
    }
    ~SmallVector() = default;

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const T* data() const { return many_ ? many_.get() : few_.data(); }
    T* data() { return many_ ? many_.get() : few_.data(); }
    const T* begin() const { return data(); }
    const T* end() const { return data() + size_; }
    T* begin() { return data(); }
    T* end() { return data() + size_; }
    const T& operator[](std::size_t at) const { return data()[at]; }

    /// False when it is full.
    bool try_push_back(const T& value) {
        if (size_ == Most) { return false; }
        if (size_ == Few && !many_) [[unlikely]] {
            const T kept = value;  // it may be one of ours
            spill();
            many_[size_++] = kept;
            return true;
        }
        data()[size_++] = value;
        return true;
    }
    void push_back(const T& value) {
        const bool fits = try_push_back(value);
        LINTEL_ASSERT(fits, "a list outgrew its room");
    }
    /// Drops what stands behind the first `size` elements.
    void truncate(std::size_t size) { size_ = size; }
    void clear() {
        size_ = 0;
        if (many_) [[unlikely]] { many_.reset(); }
    }

private:
    [[gnu::cold, gnu::noinline]] void spill() {
        many_ = std::make_unique_for_overwrite<T[]>(Most);
        std::copy_n(few_.data(), size_, many_.get());
    }
    /// REQUIRES: *this is empty.
    void copy(const SmallVector& other) {
        size_ = other.size_;
        if (size_ > Few) { many_ = std::make_unique_for_overwrite<T[]>(Most); }
        std::copy_n(other.data(), size_, data());
    }
    void take(SmallVector& other) {
        size_ = std::exchange(other.size_, 0);
        many_ = std::move(other.many_);
        if (!many_) { std::copy_n(other.few_.data(), size_, few_.data()); }
    }

    std::unique_ptr<T[]> many_;
    std::size_t size_ = 0;
    union {
        std::array<T, Few> few_;  // NOLINT(readability-identifier-naming): private all the same
    };
};

}  // namespace lintel
