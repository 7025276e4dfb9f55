#include "base/arena.h"

#include <algorithm>

namespace lintel {

std::string_view Arena::concat(std::span<const std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts) {
        size += part.size();
    }
    if (size == 0) { return {}; }
    char* const to = static_cast<char*>(allocate(size, 1));
    char* at = to;
    for (const std::string_view part : parts) {
        at = std::copy(part.begin(), part.end(), at);
    }
    return {to, size};
}

void* Arena::allocate_slow(std::size_t size, std::size_t alignment) {
    const std::size_t block = std::max(kBlockSize, size + alignment);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
    cursor_ = blocks_.back().get();
    end_ = cursor_ + block;
    return allocate(size, alignment);
}

void Arena::reset() {
    if (blocks_.empty()) { return; }
    blocks_.resize(1);
    cursor_ = blocks_.front().get();
    // The first block may be larger than usual when the first allocation was; its usual part is
    // enough.
    end_ = cursor_ + kBlockSize;
}

}  // namespace lintel
