#include "app/inherited.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "app/upgrade.h"

namespace lintel::app {

namespace {

constexpr int kMaxPassed = 1024;

/// The number in a variable, which is removed; nothing when there is none.
std::optional<int> take_number(const char* name) {
    const char* const text = std::getenv(name);
    if (text == nullptr) { return std::nullopt; }
    const std::string_view digits(text);
    int number = -1;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    ::unsetenv(name);
    return number;
}

}  // namespace

Predecessor::~Predecessor() {
    if (descriptor_ >= 0) { ::close(descriptor_); }
}

void Predecessor::tell_prepared() const {
    // If nobody reads it any more, the lock of the data directory says so, too.
    if (waits()) { [[maybe_unused]] const auto put = ::write(descriptor_, &kPrepared, 1); }
}

void Predecessor::tell_ready() {
    if (!waits()) { return; }
    [[maybe_unused]] const auto put = ::write(descriptor_, &kReady, 1);
    ::close(std::exchange(descriptor_, -1));
}

Result<Inherited> Inherited::take() {
    Inherited inherited;
    const std::optional<int> upgrade = take_number(kUpgradeVariable);
    const std::optional<int> meant_for = take_number("LISTEN_PID");
    const std::optional<int> count = take_number("LISTEN_FDS");
    ::unsetenv("LISTEN_FDNAMES");
    if (upgrade) {
        if (::fcntl(*upgrade, F_SETFD, FD_CLOEXEC) != 0) {
            return fail(Code::StartFailed,
                        fmt::format("{} names no descriptor; it is set by a Lintel that starts its "
                                    "successor, and by nobody else",
                                    kUpgradeVariable));
        }
        inherited.predecessor = Predecessor(*upgrade);
    }
    // systemd says whom it means; a variable that came along from elsewhere means another process.
    const bool ours = upgrade || meant_for == ::getpid();
    if (!count || !ours) { return inherited; }
    if (*count < 0 || *count > kMaxPassed) {
        return fail(Code::StartFailed, "LISTEN_FDS is not the number of the sockets passed");
    }
    for (int i = 0; i < *count; ++i) {
        ASSIGN_OR_RETURN(async::ListenSocket socket, async::ListenSocket::adopt(kFirstPassed + i));
        inherited.sockets.push_back(std::move(socket));
    }
    return inherited;
}

}  // namespace lintel::app
