#include "http/client_connection.h"

#include <fmt/core.h>

#include <algorithm>

#include "async/socket_address.h"
#include "http/waiting_place.h"

namespace lintel::http {
namespace {

/// One of the origin's connections while it is being opened.
class OpeningPlace {
public:
    explicit OpeningPlace(OriginPool& pool) : pool_(pool) {
        ++pool_.open;
        ++pool_.owner.counts.open;
    }
    OpeningPlace(const OpeningPlace&) = delete;
    OpeningPlace& operator=(const OpeningPlace&) = delete;
    ~OpeningPlace() {
        if (!kept_) { pool_.leave(); }
    }
    std::unique_ptr<ClientConnection> keep(async::Connector::Connected connected) {
        kept_ = true;
        return std::make_unique<ClientConnection>(pool_, std::move(connected.socket),
                                                  connected.address);
    }

private:
    OriginPool& pool_;
    bool kept_ = false;
};

}  // namespace

ClientConnection::ClientConnection(OriginPool& pool, async::Socket socket,
                                   async::SocketAddress address)
    : pool_(pool), socket_(std::move(socket)), address_text_(async::to_string(address)) {}

ClientConnection::~ClientConnection() {
    unwatch();
}

void ClientConnection::watch(async::Deadline until) {
    watched_ = true;
    socket_.channel().wait_to_read(*this);
    socket_.channel().read_until(until);
}

void ClientConnection::unwatch() {
    if (!watched_) { return; }
    watched_ = false;
    socket_.channel().done_reading();
}

void ClientConnection::ready() {
    // The peer closed, sent something nobody asked for, or the idle time is over.
    const auto self = std::ranges::find_if(
        pool_.idle, [this](const auto& connection) { return connection.get() == this; });
    LINTEL_ASSERT(self != pool_.idle.end(), "a watched connection is an idle one");
    std::unique_ptr<ClientConnection> connection = std::move(*self);
    pool_.idle.erase(self);
    --pool_.owner.counts.idle;
    pool_.drop(std::move(connection));
}

std::unique_ptr<ClientConnection> OriginPool::take_idle() {
    while (!idle.empty()) {
        std::unique_ptr<ClientConnection> connection = std::move(idle.back());
        idle.pop_back();
        --owner.counts.idle;
        connection->unwatch();
        if (connection->socket().is_quiet()) { return connection; }
        drop(std::move(connection));
    }
    return nullptr;
}

void OriginPool::give_back(std::unique_ptr<ClientConnection> connection) {
    if (idle.size() >= limits.idle || !connection->socket().is_quiet()) {
        drop(std::move(connection));
        return;
    }
    connection->watch(owner.loop.after(limits.idle_timeout));
    idle.push_back(std::move(connection));
    ++owner.counts.idle;
    if (!waiting.empty()) { waiting.front()->wake(); }
}

void OriginPool::drop(std::unique_ptr<ClientConnection> connection) {
    connection->unwatch();
    // Its own event may be what ends it.
    owner.loop.bury(std::move(connection));
    leave();
}

void OriginPool::leave() {
    --open;
    --owner.counts.open;
    if (!waiting.empty()) { waiting.front()->wake(); }
}

OriginPool& ClientPoolState::origin(const Origin& to) {
    const auto known = origins.find(to.key);
    if (known != origins.end()) {
        // They may have changed while the connections stayed.
        if (to.limits) { known->second->limits = *to.limits; }
        return *known->second;
    }
    if (origins.size() >= kMaxOrigins) {
        // Backends come and go with releases; forget those that nothing refers to.
        std::erase_if(origins, [](const auto& entry) {
            return entry.second->open == 0 && entry.second->waiting.empty();
        });
    }
    auto made = std::make_unique<OriginPool>(*this, to.limits.value_or(options.limits));
    return *origins.emplace(to.key, std::move(made)).first->second;
}

Task<Status> ClientPoolState::secure(const Origin& to, async::Socket& socket,
                                     async::Deadline until) const {
    using Protocol = async::TlsClient::Protocol;
    const Origin::Tls& tls = *to.tls;
    const async::TlsClient* client = tls.client ? tls.client.get() : options.tls.get();
    const bool wants_http2 = to.version == Version::Http2;
    LINTEL_ASSERT(client != nullptr, "a pool without TLS was given an https origin");
    const Status done = co_await client->connect(
        socket, tls.server_name, wants_http2 ? Protocol::Http2 : Protocol::Http1, until);
    if (done && (!wants_http2 || socket.protocol() == "h2")) { co_return Status(); }
    if (done) { co_return fail(Code::BackendConnect, "the backend does not speak HTTP/2"); }
    co_return fail(Code::BackendConnect, "no secure connection to the backend could be made",
                   fmt::format("{} ({})", done.error().cause, done.error().message));
}

Task<Result<std::unique_ptr<ClientConnection>>> ClientPoolState::open(const Origin& to,
                                                                      async::Deadline until) {
    OriginPool* pool = &origin(to);
    while (pool->open >= pool->limits.connections) {
        if (pool->waiting.size() >= pool->limits.waiting) {
            co_return fail(Code::BackendOverloaded,
                           "too many requests wait for a connection to the backend");
        }
        async::Waiter waiter(loop);
        const WaitingPlace place(pool->waiting, waiter);
        if (co_await waiter.until(until) != 0) {
            co_return fail(Code::BackendOverloaded,
                           "no connection to the backend became free in time");
        }
        if (auto connection = pool->take_idle()) { co_return std::move(connection); }
    }
    OpeningPlace opening(*pool);
    auto connected = co_await connect(to, until);
    if (!connected) { co_return std::unexpected(std::move(connected).error()); }
    co_return opening.keep(*std::move(connected));
}

Task<Result<async::Connector::Connected>> ClientPoolState::connect(const Origin& to,
                                                                   async::Deadline until) {
    auto connected = co_await connector.connect(to.host, to.port, until);
    if (!connected) { co_return std::unexpected(std::move(connected).error()); }
    if (to.tls) { CO_RETURN_IF_ERROR(co_await secure(to, connected->socket, until)); }
    ++counts.opened;
    co_return connected;
}

}  // namespace lintel::http
