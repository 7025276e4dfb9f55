// The listening sockets of the process: those it was given and those it opened, kept to be passed
// on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "async/listener.h"
#include "base/error.h"

namespace lintel::app {

/// Role: opens what the settings name and can pass it on to a successor. Owner: the Node; main
/// thread only.
class ListeningSockets {
public:
    /// `inherited`: used first.
    explicit ListeningSockets(std::vector<async::ListenSocket> inherited)
        : inherited_(std::move(inherited)) {}

    /// Sockets for so many workers, or more when there are more queues: each must be served by
    /// somebody. StartFailed names the address.
    Result<std::vector<async::ListenSocket>> open(const async::ListenAddress& at,
                                                  std::size_t workers);
    /// Another descriptor of a queue that was opened before. REQUIRES: it was.
    Result<async::ListenSocket> reopen(const async::ListenAddress& at) const;
    /// Closes what was inherited and opened by nobody, telling the log.
    void close_unused();
    /// One descriptor of each queue.
    std::span<const async::ListenSocket> all() const { return kept_; }
    /// From now on connections are refused when the workers have closed theirs, too.
    void close() { kept_.clear(); }

private:
    std::vector<async::ListenSocket> take(const async::ListenAddress& at);

    std::vector<async::ListenSocket> inherited_;
    std::vector<async::ListenSocket> kept_;
};

}  // namespace lintel::app
