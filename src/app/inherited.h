// What a process before this one left to it: listening sockets, as systemd passes them (LISTEN_FDS)
// and as a Lintel passes them to the one that takes its place.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "async/listener.h"
#include "base/error.h"

namespace lintel::app {

/// The first descriptor that is passed; the others follow it.
inline constexpr int kFirstPassed = 3;
/// Where the one before waits for a word; see upgrade.h.
inline constexpr const char* kUpgradeVariable = "LINTEL_UPGRADE_FD";

/// Role: the new process's side of an upgrade. Owner: the serve command. Nobody waits when it was
/// started by hand or by systemd; then it says nothing.
class Predecessor {
public:
    Predecessor() = default;
    explicit Predecessor(int descriptor) : descriptor_(descriptor) {}
    Predecessor(Predecessor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Predecessor& operator=(Predecessor&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Predecessor();

    bool waits() const { return descriptor_ >= 0; }
    /// The settings are right; the one before may let go of the data directory.
    void tell_prepared() const;
    /// Calls are answered; the one before may go.
    void tell_ready();

private:
    int descriptor_ = -1;
};

struct Inherited {
    std::vector<async::ListenSocket> sockets;
    Predecessor predecessor;

    /// Takes them over and removes the variables, so that nobody started from here takes them for
    /// his. StartFailed when they are not what they should be.
    static Result<Inherited> take();
};

}  // namespace lintel::app
