// Memory for coroutine frames and other short-lived objects of a worker: one free list per size
// class and thread, so that a recycled frame costs two loads instead of a trip to the allocator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace lintel::async {

/// Free lists of one thread. Memory may be freed on another thread than the one that allocated it:
/// it then joins that thread's lists. Everything goes back to the allocator when the thread ends.
class FramePool {
public:
    static constexpr std::size_t kStep = 128;            ///< width of a size class
    static constexpr std::size_t kLargest = 8192;        ///< larger blocks go to the allocator
    static constexpr std::size_t kKeptBytes = 1U << 20;  ///< kept free per class and thread

    static void* allocate(std::size_t size);
    static void free(void* block, std::size_t size) noexcept;
};

/// Base for objects that are made and dropped once per request: new and delete use the pool.
struct Pooled {
    static void* operator new(std::size_t size) { return FramePool::allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept {
        FramePool::free(block, size);
    }
};

}  // namespace lintel::async
