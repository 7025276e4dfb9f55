// The server side of HTTP for whoever answers requests: the gateway and the management API
// implement Handler. A connection of HTTP/1.1 serves one exchange at a time (pipelining is answered
// in order), one of HTTP/2 many.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "async/task.h"
#include "async/tls.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/ip_address.h"
#include "http/body.h"
#include "http/message.h"
#include "http/upgraded.h"

namespace lintel::async {
class Loop;
}

namespace lintel::http {

/// What is known of the connection a request came by. Lives as long as the connection.
struct Peer {
    IpAddress address;
    std::uint16_t port = 0;
    IpAddress local_address;
    std::uint16_t local_port = 0;
    bool secure = false;            ///< TLS
    std::string tls_rules = {};     ///< of the name the handshake was made for, else empty
    std::string address_text = {};  ///< of `address`, written once per connection
};

/// An answer on its way out. The serialiser adds Date, framing and Connection itself and emits
/// canonical HTTP only: framing and hop-by-hop fields put into `fields` are ignored, and a field
/// that could break the framing is an error.
struct OutgoingResponse {
    int status = 200;
    std::span<const Field> fields = {};
    std::string_view body = {};    ///< the whole body when `stream` is null
    BodyReader* stream = nullptr;  ///< else pulled from here
    /// Of `stream`: Length, or Chunked when the length is not known. Answers to HEAD may state the
    /// length a GET would have had (Length, no stream); None and an empty `body` says nothing then.
    Framing framing = {};
    bool close = false;  ///< end the connection after this answer
    /// With status 101, to a request that asked for WebSocket: from then on bytes go both ways, and
    /// send() ends with the connection.
    const Upgraded* upgraded = nullptr;
};

/// One request being served. Owned by the connection, handed to the Handler by reference; valid
/// until handle() ends.
class ServerExchange {
public:
    virtual ~ServerExchange() = default;

    RequestHead head;
    BodyReader* body = nullptr;  ///< null when the request has no body
    const Peer* peer = nullptr;
    async::Loop* loop = nullptr;
    Arena arena;                       ///< memory of this exchange
    std::uint64_t started_us = 0;      ///< monotonic, when the first byte of the head was there
    std::uint64_t received_bytes = 0;  ///< head and body so far
    std::uint64_t sent_bytes = 0;      ///< head and body so far
    /// Set when the head was not acceptable: the handler answers with this refusal (and logs it);
    /// the connection is closed afterwards. `head` holds what could be understood.
    const Error* refused = nullptr;

    /// Sends the answer, streaming its body. Answers to HEAD carry no body. An error means the
    /// client went away or was too slow, or the stream failed midway (then the connection is cut,
    /// never ended cleanly). Call it once; a second time only after an error that left
    /// answer_started() false: the head was not canonical, or the stream failed before its first
    /// byte.
    virtual Task<Status> send(const OutgoingResponse& response) = 0;
    /// True once the first byte of the answer is on its way: it can no longer be replaced.
    virtual bool answer_started() const = 0;
};

/// Answers requests, and knows what TLS clients are shown. One per worker; called on the worker's
/// loop. Must call ServerExchange::send; when it ends without having answered, the connection is
/// cut.
class Handler : public async::TlsNames {
public:
    virtual Task<void> handle(ServerExchange& exchange) = 0;
};

}  // namespace lintel::http
