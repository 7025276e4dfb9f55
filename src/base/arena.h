// Memory of one request: bump allocation, everything freed at once. Views into it never outlive the
// exchange.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lintel {

/// Owned by one exchange and used by its worker only. Objects placed here must be trivially
/// destructible.
class Arena {
public:
    static constexpr std::size_t kFirstBlock = 1024;  ///< enough for most requests
    static constexpr std::size_t kBlockSize = 4096;

    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
        const auto at =
            (reinterpret_cast<std::uintptr_t>(cursor_) + alignment - 1) & ~(alignment - 1);
        if (at + size > reinterpret_cast<std::uintptr_t>(end_)) [[unlikely]] {
            return allocate_slow(size, alignment);
        }
        cursor_ = reinterpret_cast<char*>(at + size);
        return reinterpret_cast<void*>(at);
    }
    std::string_view copy(std::string_view text) {
        if (text.empty()) { return {}; }
        char* to = static_cast<char*>(allocate(text.size(), 1));
        std::memcpy(to, text.data(), text.size());
        return {to, text.size()};
    }
    /// Joins the parts into one string of the arena.
    std::string_view concat(std::span<const std::string_view> parts);
    std::string_view concat(std::initializer_list<std::string_view> parts) {
        return concat(std::span(parts.begin(), parts.size()));
    }
    template <typename T>
    T* make_array(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>, "the arena runs no destructors");
        return new (allocate(sizeof(T) * count, alignof(T))) T[count]{};
    }
    /// Forgets everything; keeps a block of the usual size for the next request, the first one
    /// when that was enough.
    void reset();

private:
    struct Block {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0;
    };

    void* allocate_slow(std::size_t size, std::size_t alignment);
    void begin(const Block& block);

    char* cursor_ = nullptr;
    char* end_ = nullptr;
    std::vector<Block> blocks_;
};

}  // namespace lintel
