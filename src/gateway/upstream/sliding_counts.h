// How many calls there were lately, and how many of them were marked (failed, or repeated): counted
// by all workers without a lock.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace lintel::gateway {

/// A window that slides by tenths: sums cover its last nine tenths and the running one. A slice is
/// one word (its number, calls, marks), so a slice that is over is replaced by one
/// compare-and-swap. Thread-safe.
class SlidingCounts {
public:
    static constexpr std::size_t kSlices = 10;
    /// More in one slice are not counted.
    static constexpr std::uint64_t kMaxCount = (1U << 20) - 1;

    struct Sums {
        std::uint64_t calls = 0;
        std::uint64_t marks = 0;
    };

    void add_call(std::uint64_t now_ms, std::chrono::milliseconds window) {
        add(now_ms, window, kOneCall);
    }
    void add_mark(std::uint64_t now_ms, std::chrono::milliseconds window) {
        add(now_ms, window, 1);
    }
    void add_marked_call(std::uint64_t now_ms, std::chrono::milliseconds window) {
        add(now_ms, window, kOneCall + 1);
    }
    Sums sums(std::uint64_t now_ms, std::chrono::milliseconds window) const;
    void clear();

private:
    static constexpr int kCallBits = 20;
    static constexpr std::uint64_t kOneCall = 1ULL << kCallBits;

    void add(std::uint64_t now_ms, std::chrono::milliseconds window, std::uint64_t what);

    std::array<std::atomic<std::uint64_t>, kSlices> slices_{};
};

}  // namespace lintel::gateway
