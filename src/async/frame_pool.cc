#include "async/frame_pool.h"

#include <array>
#include <utility>

namespace lintel::async {
namespace {

// A sanitizer must see every block come and go, or it could not name a use after free.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kPooling = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kPooling = false;
#else
constexpr bool kPooling = true;
#endif
#else
constexpr bool kPooling = true;
#endif

constexpr std::size_t kClasses = FramePool::kLargest / FramePool::kStep;

struct Block {
    Block* next;
};

// Trivial on purpose: a thread_local without constructor and destructor is reached without a guard.
struct FreeLists {
    std::array<Block*, kClasses> first;
    std::array<std::uint16_t, kClasses> count;
    bool watched;  ///< the reaper below is registered for this thread
    bool closed;   ///< the thread is ending: keep nothing any more
};
constinit thread_local FreeLists lists{};

struct Reaper {
    bool armed = false;
    ~Reaper() {
        lists.closed = true;
        for (Block*& first : lists.first) {
            while (first != nullptr) {
                ::operator delete(std::exchange(first, first->next));
            }
        }
    }
};
thread_local Reaper reaper;

constexpr std::size_t class_of(std::size_t size) {
    return (size - 1) / FramePool::kStep;
}
/// By size class.
constexpr auto kKeptBlocks = [] {
    std::array<std::uint16_t, kClasses> blocks{};
    for (std::size_t i = 0; i < kClasses; ++i) {
        blocks[i] =
            static_cast<std::uint16_t>(FramePool::kKeptBytes / ((i + 1) * FramePool::kStep));
    }
    return blocks;
}();

}  // namespace

void* FramePool::allocate(std::size_t size) {
    if (!kPooling || size == 0 || size > kLargest) { return ::operator new(size); }
    const std::size_t size_class = class_of(size);
    Block* block = lists.first[size_class];
    if (block == nullptr) { return ::operator new((size_class + 1) * kStep); }
    lists.first[size_class] = block->next;
    --lists.count[size_class];
    return block;
}

void FramePool::free(void* block, std::size_t size) noexcept {
    if (!kPooling || size == 0 || size > kLargest) {
        ::operator delete(block);
        return;
    }
    const std::size_t size_class = class_of(size);
    if (lists.closed || lists.count[size_class] >= kKeptBlocks[size_class]) {
        ::operator delete(block);
        return;
    }
    if (!lists.watched) {
        lists.watched = true;
        reaper.armed = true;  // touching it registers its destructor
    }
    Block* freed = static_cast<Block*>(block);
    freed->next = lists.first[size_class];
    lists.first[size_class] = freed;
    ++lists.count[size_class];
}

}  // namespace lintel::async
