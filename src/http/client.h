// The client side of HTTP: a pool of connections per worker. A connection of HTTP/1.1 goes back to
// the pool only when its answer was read to the end and nothing is left over; one of HTTP/2 carries
// many calls at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "async/connector.h"
#include "async/loop.h"
#include "async/task.h"
#include "async/tls.h"
#include "base/error.h"
#include "http/body.h"
#include "http/http1.h"
#include "http/message.h"
#include "http/upgraded.h"

namespace lintel::http {

/// What a pool keeps for one origin, on each worker.
struct PoolLimits {
    std::size_t connections = 1024;
    std::size_t waiting = 1024;  ///< requests in line for a connection
    std::size_t idle = 256;
    /// Shorter than the keep-alive time of common servers (Node: 5 s), so that we close first.
    std::chrono::milliseconds idle_timeout{4000};
    bool operator==(const PoolLimits&) const = default;
};

/// Where a request goes: "http://host:port" or "https://host:port".
struct Origin {
    struct Tls {
        std::string server_name;  ///< whom the server must prove to be
        std::shared_ptr<const async::TlsClient> client = nullptr;  ///< null = that of the pool
        std::string trust = {};  ///< tells whom `client` trusts, for the key
    };

    Origin(std::string of_host, std::uint16_t of_port, std::optional<Tls> of_tls = {},
           Version of_version = Version::Http11);
    /// The origin with connections of its own, shared with no other owner.
    Origin with_own_pool(std::string_view owner, const PoolLimits& own_limits) const;

    std::string host;  ///< name or literal address, without brackets
    std::uint16_t port;
    std::optional<Tls> tls;
    Version version;                   ///< Http11 or Http2: with prior knowledge, or by ALPN
    std::string authority;             ///< "host", "host:port", "[::1]:port": the Host field
    std::string key;                   ///< what pools are found by: all of the above
    std::optional<PoolLimits> limits;  ///< none = those of the pool
};

/// Repeating it changes nothing more: GET, HEAD, PUT, DELETE, OPTIONS.
bool is_idempotent(std::string_view method);

/// A request on its way out. Views must live until call() returned; the stream until the answer is
/// dropped. Host, framing and Connection are written by the client; framing and hop-by-hop fields
/// in `fields` are skipped.
struct OutgoingRequest {
    std::string_view method;
    std::string_view path;        ///< origin-form, canonical
    std::string_view query = {};  ///< without "?"
    std::string_view host = {};   ///< Host field; empty = the origin's authority
    const Fields* fields = nullptr;
    std::span<const Field> extra_fields = {};  ///< written after `fields`
    std::string_view body = {};                ///< whole body when `stream` is null
    BodyReader* stream = nullptr;              ///< else pulled from here
    Framing framing = {};  ///< of the body: None = no body at all, Length or Chunked otherwise
    bool accepts_trailers = false;
    bool websocket = false;  ///< asks to leave HTTP; the answer may then be 101
};

struct CallTimeouts {
    std::chrono::milliseconds connect{3000};   ///< waiting for a place in the pool included
    std::chrono::milliseconds answer{15'000};  ///< from the start of the call to the answer's head
    std::chrono::milliseconds body_idle{15'000};  ///< between two pieces, both directions
    /// The same for what has no end by nature: see is_endless().
    std::chrono::milliseconds stream_idle{300'000};
};

struct ClientOptions {
    http1::HeadLimits head_limits = {};
    PoolLimits limits = {};                                 ///< of an origin that has none
    std::size_t interim_answers = 8;                        ///< 1xx heads before the answer
    std::shared_ptr<const async::TlsClient> tls = nullptr;  ///< null = no https origins
};

class ClientConnection;
struct ClientPoolState;

/// The answer has no end by nature: WebSocket, "text/event-stream", gRPC.
bool is_endless(const ResponseHead& head);

/// The answer to one call, and the lease of the connection it comes by. Owned by the caller; the
/// body is read through it. The connection is free for others the moment the body was read to the
/// end with nothing left over; dropping the answer earlier gives the call up and cancels an upload
/// that still runs.
class ClientAnswer : public BodyReader, public async::Pooled {
public:
    ClientAnswer(const ClientAnswer&) = delete;
    ClientAnswer& operator=(const ClientAnswer&) = delete;

    /// Views into memory of this object; hop-by-hop fields are removed. For an answer to HEAD,
    /// `framing` tells the length a GET would have had.
    ResponseHead head;
    std::string address_text;  ///< of the backend: "10.0.0.7:8080"
    bool reused_connection = false;
    std::uint64_t received_bytes = 0;

    /// True when no body follows: there is nothing to read.
    virtual bool bodiless() const = 0;
    /// After a 101: the connection, until this object goes.
    virtual std::optional<Upgraded> upgraded() { return std::nullopt; }

protected:
    ClientAnswer() = default;
};

/// One per worker, used on its loop's thread. Must outlive every answer it gave.
class ClientPool {
public:
    struct Counts {
        std::uint64_t opened = 0;
        std::uint64_t reused = 0;
        std::uint64_t retried = 0;
        std::size_t idle = 0;
        std::size_t open = 0;  ///< idle ones included
    };

    ClientPool(async::Loop& loop, async::Connector& connector, ClientOptions options);
    ClientPool(const ClientPool&) = delete;
    ClientPool& operator=(const ClientPool&) = delete;
    ~ClientPool();

    /// Sends the request and waits for the head of the answer. A kept connection that turns out to
    /// be dead is replaced once by a fresh one if nothing of an answer arrived and repeating is
    /// safe: an idempotent method whose body (if any) is in memory, or nothing was sent yet.
    /// Errors: BackendResolve, BackendRefusedAddress, BackendConnect, BackendReset,
    /// BackendBadAnswer, BackendTimeout (the message names the timer), BackendOverloaded; and what
    /// the request's own stream failed with. Error::retryable: nothing of an answer arrived and the
    /// request is still whole, so it can be sent again, to another server too; with BackendReset it
    /// may have been acted upon, otherwise it was not sent.
    Task<Result<std::unique_ptr<ClientAnswer>>> call(const Origin& origin,
                                                     const OutgoingRequest& request,
                                                     CallTimeouts timeouts);
    Counts counts() const;
    /// Closes idle connections (shutdown).
    void close_idle();

private:
    std::unique_ptr<ClientPoolState> state_;
};

}  // namespace lintel::http
