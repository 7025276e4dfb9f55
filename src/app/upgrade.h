// Replacing the running program by a new one without refusing a connection: the old process starts
// the new one, passes it the listening sockets, and goes when the new one answers.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>

#include "async/listener.h"
#include "base/error.h"

namespace lintel::app {

/// What the new process writes, a byte each: its settings are right and it waits for the data
/// directory; it answers calls.
inline constexpr char kPrepared = 'p';
inline constexpr char kReady = 'r';

/// Role: the new process as the old one sees it. Owner: the serve command. A successor that did not
/// become ready is killed with this object.
class Successor {
public:
    /// Starts the program at `executable` with the arguments and the environment of this process.
    static Result<Successor> start(const std::string& executable,
                                   std::span<const async::ListenSocket> sockets);
    Successor(Successor&& other) noexcept;
    Successor& operator=(Successor&&) = delete;
    ~Successor();

    pid_t process() const { return process_; }
    /// StartFailed: it ended, or said nothing in time. Its own log says why.
    Status await(char word, std::chrono::milliseconds patience) const;
    /// It serves; it is on its own from now on.
    void release() { process_ = -1; }

private:
    Successor(pid_t process, int words) : process_(process), words_(words) {}

    pid_t process_;
    int words_;
};

/// Where this program lies; asked at start, because the file may be replaced later.
std::string own_executable();

}  // namespace lintel::app
