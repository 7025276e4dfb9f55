#include "base/heap.h"

#ifdef LINTEL_JEMALLOC

#include <fmt/format.h>
#include <jemalloc/jemalloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"

namespace lintel {

namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;

/// Gives a setting of the allocator a value and tells the one before.
template <typename Value>
Value exchange(const std::string& setting, Value value) {
    Value before{};
    std::size_t size = sizeof(before);
    const int failed = ::mallctl(setting.c_str(), &before, &size, &value, sizeof(value));
    LINTEL_ASSERT(failed == 0, "the allocator does not take a setting");
    return before;
}

/// An arena whose memory the kernel backs with large pages; one that has none backs it as ever. It
/// gives back large pages only: what went piece by piece would come again on small ones.
class LargePageArena {
public:
    LargePageArena() {
        std::size_t size = sizeof(index_);
        const int failed = ::mallctl("arenas.create", &index_, &size, nullptr, 0);
        LINTEL_ASSERT(failed == 0, "the allocator makes no arena");
        const std::string hooks = fmt::format("arena.{}.extent_hooks", index_);
        size = sizeof(usual_);
        ::mallctl(hooks.c_str(), &usual_, &size, nullptr, 0);
        own_ = *usual_;
        own_.alloc = map;
        own_.purge_lazy = keep;
        own_.purge_forced = purge;
        exchange(hooks, &own_);
    }

    unsigned index() const { return index_; }

private:
    static void* map(extent_hooks_t*, void* address, std::size_t size, std::size_t alignment,
                     bool* zero, bool* commit, unsigned arena) {
        if (size >= kLargePage) { alignment = std::max(alignment, kLargePage); }
        void* memory = usual_->alloc(usual_, address, size, alignment, zero, commit, arena);
        if (memory != nullptr) { ::madvise(memory, size, MADV_HUGEPAGE); }
        return memory;
    }

    // These two tell by true that they did not do it all.
    static bool keep(extent_hooks_t*, void*, std::size_t, std::size_t, std::size_t, unsigned) {
        return true;
    }
    static bool purge(extent_hooks_t*, void* address, std::size_t, std::size_t offset,
                      std::size_t length, unsigned) {
        const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(address) + offset;
        const std::uintptr_t end = begin + length;
        const std::uintptr_t first = (begin + kLargePage - 1) / kLargePage * kLargePage;
        const std::uintptr_t last = end / kLargePage * kLargePage;
        if (first >= last) { return true; }
        const int failed = ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
        return failed != 0 || first != begin || last != end;
    }

    unsigned index_ = 0;
    static inline extent_hooks_t* usual_ = nullptr;
    static inline extent_hooks_t own_{};
};

/// The two of OnLargePages.
unsigned move_to_large_pages() {
    static const LargePageArena arena;
    return exchange("thread.arena", arena.index());
}
void move_back(unsigned before) {
    exchange("thread.arena", before);
}

}  // namespace

void release_freed_memory() {
    const std::string purge = fmt::format("arena.{}.purge", MALLCTL_ARENAS_ALL);
    ::mallctl(purge.c_str(), nullptr, nullptr, nullptr, 0);
}

#else

#include <malloc.h>

namespace lintel {

namespace {

unsigned move_to_large_pages() {
    return 0;
}
void move_back(unsigned) {}

}  // namespace

void release_freed_memory() {
    ::malloc_trim(0);
}

#endif

OnLargePages::OnLargePages() : before_(move_to_large_pages()) {}

OnLargePages::~OnLargePages() {
    move_back(before_);
}

}  // namespace lintel
