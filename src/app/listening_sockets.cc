#include "app/listening_sockets.h"

#include <algorithm>

#include "base/assert.h"
#include "base/log.h"

namespace lintel::app {

namespace {

/// systemd's "ListenStream=8080" is [::]:8080, which serves what 0.0.0.0:8080 would.
bool serves(const async::ListenAddress& socket, const async::ListenAddress& asked) {
    if (socket.is_same_place(asked)) { return true; }
    return !socket.is_unix() && !asked.is_unix() && socket.ip.port == asked.ip.port &&
           socket.ip.address.is_unspecified() && asked.ip.address.is_unspecified();
}

}  // namespace

std::vector<async::ListenSocket> ListeningSockets::take(const async::ListenAddress& at) {
    std::vector<async::ListenSocket> taken;
    std::erase_if(inherited_, [&](async::ListenSocket& socket) {
        if (!serves(socket.where(), at)) { return false; }
        taken.push_back(std::move(socket));
        return true;
    });
    return taken;
}

Result<std::vector<async::ListenSocket>> ListeningSockets::open(const async::ListenAddress& at,
                                                                std::size_t workers) {
    std::vector<async::ListenSocket> sockets = take(at);
    if (sockets.empty()) { ASSIGN_OR_RETURN(sockets, async::ListenSocket::open_at(at, workers)); }
    // The descriptors of a unix socket are one queue.
    const std::size_t queues = at.is_unix() ? 1 : sockets.size();
    for (std::size_t i = 0; i < queues; ++i) {
        ASSIGN_OR_RETURN(async::ListenSocket kept, sockets[i].duplicate());
        kept_.push_back(std::move(kept));
    }
    for (std::size_t i = 0; sockets.size() < workers; ++i) {
        ASSIGN_OR_RETURN(async::ListenSocket shared, sockets[i % queues].duplicate());
        sockets.push_back(std::move(shared));
    }
    return sockets;
}

Result<async::ListenSocket> ListeningSockets::reopen(const async::ListenAddress& at) const {
    const auto found = std::ranges::find_if(
        kept_, [&](const async::ListenSocket& kept) { return serves(kept.where(), at); });
    LINTEL_ASSERT(found != kept_.end(), "what is opened again was opened before");
    return found->duplicate();
}

void ListeningSockets::close_unused() {
    for (const async::ListenSocket& socket : inherited_) {
        log::info("no setting names a socket that was passed; it is closed",
                  {{"address", async::to_string(socket.where())}});
    }
    inherited_.clear();
}

}  // namespace lintel::app
