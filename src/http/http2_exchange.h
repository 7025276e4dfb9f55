// One request of an HTTP/2 connection and the way its answer goes out. Internal to the server.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>

#include "http/handler.h"
#include "http/http2_connection.h"
#include "http/http2_request_text.h"
#include "http/server_connection.h"

namespace lintel::http {

class Http2ServerConnection;

/// Owned by the connection while the stream is in use, kept by the server between two.
class Http2Exchange final : public ServerExchange, public Http2Stream {
public:
    explicit Http2Exchange(ServerState& server);
    ~Http2Exchange() override { handling_.reset(); }

    void begin(Http2ServerConnection& connection, const Peer& from);

    Task<Status> send(const OutgoingResponse& response) override;
    bool answer_started() const override { return answer_started_; }

    bool on_field(std::string_view name, std::string_view value) override;
    Head on_head() override;
    void on_changed() override;
    void on_reading() override;

    /// The handler has been called.
    bool started() const { return started_; }
    /// The connection is over before the handler is.
    void abandon();

    std::size_t place = 0;  ///< in the connection's list

private:
    Task<void> handle();
    void refuse(const Error& error);
    bool write_head(const OutgoingResponse& response, const Framing& framing);
    void start_answer(bool body);
    Task<Status> send_stream(const OutgoingResponse& response, BodyReader& stream,
                             const Framing& framing);
    Status status_of(Http2Outflow::Sent sent);

    ServerState& server_;
    Http2ServerConnection* on_ = nullptr;
    bool head_complete_ = false;
    bool started_ = false;
    bool handled_ = false;
    bool answer_started_ = false;
    bool answered_ = false;                       ///< to the end
    Http2Error given_up_ = Http2Error::Internal;  ///< what an unfinished answer is called
    Error refusal_;
    Task<void> handling_;  ///< last: what it refers to goes after it
};

/// The connection as the server sees it. Lives in the frame of the one who serves it.
class Http2ServerConnection final : public Http2Connection {
public:
    Http2ServerConnection(ServerState& server, async::Socket& socket, const Peer& peer);
    ~Http2ServerConnection() override;

    /// Of the head that is arriving: there is one at a time.
    Http2RequestText& arriving() { return arriving_; }
    void retire(Http2Exchange& exchange);
    void count_surplus_field() { count(Http2FloodGuard::Kind::SurplusField); }
    void count_bad_head() { count(Http2FloodGuard::Kind::BadHead); }
    /// False: the request must wait, since this client does not take the answers it has.
    bool may_start(Http2Exchange& exchange);
    void changed(Http2Exchange& exchange) { note_soon(exchange); }

private:
    /// For another handler.
    bool has_room() const;
    Http2Stream* open_stream() override;
    void on_settled() override;

    ServerState& server_;
    const Peer& peer_;
    Http2RequestText arriving_;
    std::vector<std::unique_ptr<Http2Exchange>> exchanges_;
    std::deque<Http2Exchange*> held_back_;  ///< until answers are taken
    std::uint32_t served_ = 0;
    std::size_t running_ = 0;  ///< handlers
};

}  // namespace lintel::http
