#include "base/arena.h"

#include <algorithm>
#include <utility>

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
    const std::size_t usual = blocks_.empty() ? kFirstBlock : kBlockSize;
    const std::size_t block = std::max(usual, size + alignment);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block), block});
    begin(blocks_.back());
    return allocate(size, alignment);
}

void Arena::reset() {
    if (blocks_.empty()) { return; }
    if (blocks_.size() > 1) {
        // The first was too small, and would be again.
        std::swap(blocks_[0], blocks_[1]);
        blocks_.resize(1);
    }
    if (blocks_.front().size > kBlockSize) { blocks_.clear(); }
    if (blocks_.empty()) {
        cursor_ = end_ = nullptr;
    } else {
        begin(blocks_.front());
    }
}

void Arena::begin(const Block& block) {
    cursor_ = block.bytes.get();
    end_ = cursor_ + block.size;
}

}  // namespace lintel
