// Kept connections and the places for new ones, per origin. Internal to the client.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "async/connector.h"
#include "async/waiter.h"
#include "http/client.h"
#include "http/http2_client.h"

namespace lintel::http {

/// Origins remembered before unused ones are forgotten.
inline constexpr std::size_t kMaxOrigins = 1024;

struct OriginPool;
struct ClientPoolState;

/// One connection to an origin. Owned by the pool while idle, by an answer while in use.
class ClientConnection final : private async::SocketWait, public async::Buriable {
public:
    ClientConnection(OriginPool& pool, async::Socket socket, async::SocketAddress address);
    ~ClientConnection() override;

    async::Socket& socket() { return socket_; }
    const std::string& address_text() const { return address_text_; }
    OriginPool& pool() { return pool_; }
    /// While idle: any event, or the idle time, ends the connection.
    void watch(async::Deadline until);
    void unwatch();

private:
    void ready() override;

    OriginPool& pool_;
    async::Socket socket_;
    std::string address_text_;
    bool watched_ = false;
};

/// Everything about one origin on one worker.
struct OriginPool {
    OriginPool(ClientPoolState& of, const PoolLimits& with) : owner(of), limits(with) {}

    ClientPoolState& owner;
    std::vector<std::unique_ptr<ClientConnection>> idle;  ///< newest last
    PoolLimits limits;
    std::size_t open = 0;  ///< connections and attempts to connect, idle ones included
    std::list<async::Waiter*> waiting;

    /// A kept connection that is still quiet, or null.
    std::unique_ptr<ClientConnection> take_idle();
    void give_back(std::unique_ptr<ClientConnection> connection);
    void drop(std::unique_ptr<ClientConnection> connection);
    /// A connection or attempt ended.
    void leave();
};

struct ClientPoolState {
    ClientPoolState(async::Loop& on, async::Connector& by, ClientOptions with)
        : loop(on), connector(by), options(std::move(with)), http2(*this) {}

    async::Loop& loop;
    async::Connector& connector;
    const ClientOptions options;
    ClientPool::Counts counts;
    std::unordered_map<std::string, std::unique_ptr<OriginPool>> origins;  // by Origin::key

    Http2Pool http2;

    /// Valid until the next call, and for as long as it has connections or someone waits in it.
    OriginPool& origin(const Origin& to);
    /// Opens a connection, after waiting for a place when there is none.
    /// Not inlined: its frame is large, and would be part of that of every call.
    [[gnu::noinline]] Task<Result<std::unique_ptr<ClientConnection>>> open(const Origin& to,
                                                                           async::Deadline until);
    /// Connects to the origin, and makes sure that the server is the one that was meant.
    Task<Result<async::Connector::Connected>> connect(const Origin& to, async::Deadline until);

private:
    Task<Status> secure(const Origin& to, async::Socket& socket, async::Deadline until) const;
};

}  // namespace lintel::http
