#include "async/buffer.h"

#include <array>
#include <new>

#include "base/assert.h"

namespace lintel::async {
namespace {

constexpr std::array<std::size_t, 3> kSizes = {Buffer::kSmall, Buffer::kBulk, Buffer::kLarge};
/// Free buffers of each size that a thread keeps: 4 MiB of each.
#if defined(__has_feature) && __has_feature(address_sanitizer)
constexpr std::array<std::size_t, 3> kKept = {};  // let the sanitizer watch every buffer
#else
constexpr std::array<std::size_t, 3> kKept = {256, 128, 64};
#endif
constexpr std::size_t kMostKept = 256;

struct Shelf {
    std::array<std::array<char*, kMostKept>, kSizes.size()> free{};
    std::array<std::size_t, kSizes.size()> count{};
    ~Shelf() {
        for (std::size_t i = 0; i < kSizes.size(); ++i) {
            while (count[i] > 0) {
                ::operator delete(free[i][--count[i]]);
            }
        }
    }
};
thread_local Shelf shelf;

std::size_t row_of(std::size_t size) {
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
        if (kSizes[i] == size) { return i; }
    }
    LINTEL_ASSERT(false, "buffers come in three sizes");
    return 0;
}

}  // namespace

Buffer Buffer::lend(std::size_t size) {
    const std::size_t row = row_of(size);
    Buffer buffer;
    buffer.size_ = size;
    buffer.data_ = shelf.count[row] > 0 ? shelf.free[row][--shelf.count[row]]
                                        : static_cast<char*>(::operator new(size));
    return buffer;
}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
    if (this != &other) {
        give_back();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

void Buffer::give_back() {
    if (data_ == nullptr) { return; }
    const std::size_t row = row_of(size_);
    if (shelf.count[row] < kKept[row]) {
        shelf.free[row][shelf.count[row]++] = data_;
    } else {
        ::operator delete(data_);
    }
    data_ = nullptr;
    size_ = 0;
}

}  // namespace lintel::async
