// Buffers lent to a connection while bytes are in it; an idle connection holds none.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace lintel::async {

/// A block of memory from the thread's pool, given back when dropped. Movable; empty when default
/// constructed.
class Buffer {
public:
    static constexpr std::size_t kSmall = 16U << 10;  ///< heads
    static constexpr std::size_t kBulk = 32U << 10;   ///< streaming bodies
    static constexpr std::size_t kLarge = 68U << 10;  ///< heads and bodies of up to 64 KiB

    Buffer() = default;
    /// `size` is one of the constants above.
    static Buffer lend(std::size_t size);
    Buffer(Buffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Buffer& operator=(Buffer&& other) noexcept;
    ~Buffer() { give_back(); }

    bool empty() const { return data_ == nullptr; }
    char* data() const { return data_; }
    std::size_t size() const { return size_; }
    std::span<char> span() const { return {data_, size_}; }
    void give_back();

private:
    char* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace lintel::async
