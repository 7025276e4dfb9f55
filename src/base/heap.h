// The heap of the process: jemalloc, except under the sanitizers, which bring their own
// (docs/adr/0023).
#pragma once

namespace lintel {

/// Gives memory that was freed, but is still held for what comes next, back to the system. Takes
/// milliseconds: for when memory is short.
void release_freed_memory();

/// While it lives, what its thread allocates lies on large pages: for hundreds of megabytes that
/// live long and are read all over, such as a snapshot. A thread has one at a time.
class OnLargePages {
public:
    OnLargePages();
    OnLargePages(const OnLargePages&) = delete;
    OnLargePages& operator=(const OnLargePages&) = delete;
    ~OnLargePages();

private:
    unsigned before_ = 0;  ///< the arena the thread had
};

}  // namespace lintel
