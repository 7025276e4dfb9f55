// One exchange of a server connection: the head, the body and the way the answer goes out. Internal
// to the server; made once and used again for request after request.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "async/buffer.h"
#include "async/socket.h"
#include "http/handler.h"
#include "http/http1.h"
#include "http/message_sender.h"
#include "http/server.h"
#include "http/server_body.h"

namespace lintel::http {

/// The Date field's value, made anew when the second may have changed.
class DateLine {
public:
    explicit DateLine(const Clock& clock) : clock_(clock) {}
    std::string_view at(std::uint64_t now_ms);

private:
    const Clock& clock_;
    std::uint64_t next_ms_ = 0;
    std::string text_;
};

/// Owned by the server; lent to a connection from the first byte of a head to the end of the
/// answer.
class Http1Exchange final : public ServerExchange {
public:
    /// `draining` is the server's: read when the answer is written.
    Http1Exchange(const ServerOptions& options, DateLine& date, const bool& draining);

    Task<Status> send(const OutgoingResponse& response) override;
    bool answer_started() const override { return sender_.started(); }

    /// Before each head.
    void begin(async::Socket& socket, const Peer& peer);
    /// The head is complete: `arrived` is what came behind it.
    void begin_body(std::string_view arrived);
    void refuse(const Error& error);
    /// The bytes moved: what was understood of the head so far would dangle.
    void forget_head();
    /// Set before handle(): this is the last request of the connection.
    void announce_close() { close_ = true; }

    bool closes() const { return close_; }
    /// The answer was cut midway, or never begun: nothing more can be sent on the connection.
    bool broken() const { return broken_; }
    ServerBody& request_body() { return request_body_; }

    http1::RequestParser parser;
    async::Buffer input;  ///< head and what came along
    std::size_t input_begin = 0;
    std::size_t input_end = 0;
    std::string_view arrived() const {
        return {input.data() + input_begin, input_end - input_begin};
    }

private:
    bool must_close(const OutgoingResponse& response) const;
    bool write_head(const OutgoingResponse& response, const Framing& framing);
    Task<void> tunnel(const Upgraded& upgraded);
    Status status_of(MessageSender::Sent sent);

    const ServerOptions& options_;
    DateLine& date_;
    const bool& draining_;
    async::Socket* socket_ = nullptr;
    ServerBody request_body_;
    MessageSender sender_;
    bool close_ = false;
    bool broken_ = false;
    Error refusal_;
};

}  // namespace lintel::http
