// One server per data directory: a second one would not see what the first one changes.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/error.h"

namespace lintel::app {

/// Role: holds the lock while it lives; the kernel frees it when the process ends, however it ends.
/// Owner: the Node.
class DataLock {
public:
    enum class Wait : std::uint8_t { No, ForHolder };

    /// StartFailed when another server holds it, with its process id; or waits until that one lets
    /// go, which it does when it hands over.
    static Result<DataLock> take(const std::filesystem::path& directory, Wait wait = Wait::No);
    DataLock(DataLock&& other) noexcept;
    DataLock& operator=(DataLock&& other) noexcept;
    ~DataLock();

private:
    explicit DataLock(int descriptor) : descriptor_(descriptor) {}

    int descriptor_ = -1;
};

}  // namespace lintel::app
