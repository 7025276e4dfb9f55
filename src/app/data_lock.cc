#include "app/data_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace lintel::app {

namespace {

std::string holder_of(int descriptor) {
    char text[32] = {};
    const ssize_t size = ::pread(descriptor, text, sizeof text - 1, 0);
    return size > 0 ? fmt::format(" (process {})", text) : "";
}

}  // namespace

Result<DataLock> DataLock::take(const std::filesystem::path& directory, Wait wait) {
    const std::string path = (directory / "serve.lock").string();
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return fail(Code::StartFailed,
                    fmt::format("'{}' cannot be opened: {}", path, std::strerror(errno)));
    }
    DataLock lock(descriptor);
    if (::flock(descriptor, wait == Wait::No ? LOCK_EX | LOCK_NB : LOCK_EX) != 0) {
        return fail(Code::StartFailed,
                    fmt::format("Another 'lintel serve'{} uses the data directory '{}'\n  Stop it "
                                "first, or give this one its own directory with --data.",
                                holder_of(descriptor), directory.string()));
    }
    const std::string process = std::to_string(::getpid());
    // The number is for people who ask who holds it; the lock works without.
    const bool written = ::ftruncate(descriptor, 0) == 0 &&
                         ::pwrite(descriptor, process.data(), process.size(), 0) > 0;
    if (!written) {
        return fail(Code::StartFailed,
                    fmt::format("'{}' cannot be written: {}", path, std::strerror(errno)));
    }
    return lock;
}

DataLock::DataLock(DataLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

DataLock& DataLock::operator=(DataLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

DataLock::~DataLock() {
    if (descriptor_ >= 0) { ::close(descriptor_); }
}

}  // namespace lintel::app
