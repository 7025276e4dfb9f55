// Calls to backends that speak HTTP/2: few connections, many calls on each. Internal to the client.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "async/connector.h"
#include "async/waiter.h"
#include "http/client.h"
#include "http/http2_connection.h"

namespace lintel::http {

struct ClientPoolState;
class Http2Pool;

/// A connection to an origin. Owned by its pool; buried when it is over.
class Http2ClientConnection final : public async::Buriable {
public:
    Http2ClientConnection(Http2Pool& pool, const Origin& origin,
                          async::Connector::Connected connected);
    ~Http2ClientConnection() override;

    void start();
    /// Another call may begin on it.
    bool has_place() const;
    std::size_t calls() const { return frames_.calls(); }
    Http2Connection& frames() { return frames_; }
    const std::string& key() const { return key_; }
    const std::string& address_text() const { return address_text_; }

private:
    class Frames final : public Http2Connection {
    public:
        using Http2Connection::Http2Connection;
        std::size_t calls() const { return streams(); }
        bool takes_more() const { return !leaving_ && !winding_down() && accepts_streams(); }

    private:
        Http2Stream* open_stream() override { return nullptr; }
        void on_goaway() override { leaving_ = true; }

        bool leaving_ = false;  ///< the backend takes no more calls
    };
    Task<void> serve();

    Http2Pool& pool_;
    const std::string key_;
    const std::string address_text_;
    async::Socket socket_;
    Frames frames_;
    Task<void> serving_;  ///< last: what it refers to goes after it
};

/// What one worker's client has of HTTP/2.
class Http2Pool {
public:
    explicit Http2Pool(ClientPoolState& owner) : owner_(owner) {}
    Http2Pool(const Http2Pool&) = delete;
    Http2Pool& operator=(const Http2Pool&) = delete;

    /// As ClientPool::call().
    Task<Result<std::unique_ptr<ClientAnswer>>> call(const Origin& origin,
                                                     const OutgoingRequest& request,
                                                     CallTimeouts timeouts);
    async::Loop& loop() const;
    const ClientOptions& options() const;
    const PoolLimits& limits_of(const Origin& origin) const;
    void ended(Http2ClientConnection& connection);
    std::size_t open() const;
    /// Ends the connections that carry no call.
    void close_idle();

private:
    /// All connections to one origin, and who waits for one that is being opened.
    struct Connections {
        std::vector<std::unique_ptr<Http2ClientConnection>> open;
        std::list<async::Waiter*> waiting;
        std::size_t opening = 0;

        Http2ClientConnection* least_used() const;
        void wake_all();
    };
    class Opening;

    Connections& of(const Origin& origin);
    Task<Result<Http2ClientConnection*>> connection(const Origin& origin, async::Deadline until);

    ClientPoolState& owner_;
    std::unordered_map<std::string, std::unique_ptr<Connections>> origins_;  // by Origin::key
};

}  // namespace lintel::http
