// One server per data directory: a second one would not see what the first one changes.
#pragma once

#include <filesystem>

#include "base/error.h"

namespace lintel::app {

/// Role: holds the lock while it lives; the kernel frees it when the process ends, however it ends.
/// Owner: the Node.
class DataLock {
public:
    /// StartFailed when another server holds it, with its process id.
    static Result<DataLock> take(const std::filesystem::path& directory);
    DataLock(DataLock&& other) noexcept;
    DataLock& operator=(DataLock&& other) noexcept;
    ~DataLock();

private:
    explicit DataLock(int descriptor) : descriptor_(descriptor) {}

    int descriptor_ = -1;
};

}  // namespace lintel::app
