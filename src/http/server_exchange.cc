#include "http/server_exchange.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>

#include "async/loop.h"
#include "http/answer_shape.h"
#include "http/tunnel.h"

namespace lintel::http {
std::string_view DateLine::at(std::uint64_t now_ms) {
    if (now_ms >= next_ms_) {
        next_ms_ = now_ms + 200;
        text_ = to_imf_fixdate(clock_.now_ms());
    }
    return text_;
}

Http1Exchange::Http1Exchange(const ServerOptions& options, DateLine& date, const bool& draining)
    : parser(options.head_limits),
      options_(options),
      date_(date),
      draining_(draining),
      request_body_({.idle = options.body_idle_timeout,
                     .grace = options.head_timeout,
                     .bytes_per_second = options.body_bytes_per_second},
                    options.send_stall_timeout) {}

void Http1Exchange::begin(async::Socket& on, const Peer& from) {
    socket_ = &on;
    peer = &from;
    loop = &on.loop();
    body = nullptr;
    refused = nullptr;
    started_us = loop->now_us();
    received_bytes = 0;
    sent_bytes = 0;
    close_ = false;
    broken_ = false;
    sender_.begin(on, options_.send_stall_timeout);
    arena.reset();
    parser.reset();
}

void Http1Exchange::begin_body(std::string_view bytes) {
    request_body_.begin(*socket_, head, bytes, received_bytes);
    body = head.framing.kind == Framing::Kind::None ? nullptr : &request_body_;
}

void Http1Exchange::refuse(const Error& error) {
    refusal_ = error;
    refused = &refusal_;
    close_ = true;
    request_body_.begin_without();
}

void Http1Exchange::forget_head() {
    head.method = head.target = head.host = {};
    head.fields.clear();
}

bool Http1Exchange::must_close(const OutgoingResponse& response) const {
    // Behind a request for WebSocket there may be anything.
    return close_ || draining_ || response.close || head.websocket || !head.keep_alive ||
           request_body_.failed() || request_body_.held_back() ||
           request_body_.certain_rest() > options_.drain_limit;
}

bool Http1Exchange::write_head(const OutgoingResponse& response, const Framing& framing) {
    return sender_.write_head([&](http1::HeadWriter& writer) {
        writer.status_line(response.status);
        for (const Field& field : response.fields) {
            if (!kWrittenByServer.contains(field.id)) { writer.field(field); }
        }
        writer.field("Date", date_.at(loop->now_ms()));
        writer.framing(framing);
        if (response.upgraded != nullptr) {
            writer.field("Connection", "Upgrade");
            writer.field("Upgrade", "websocket");
        } else if (close_) {
            writer.field("Connection", "close");
        } else if (head.version == Version::Http10) {
            writer.field("Connection", "keep-alive");
        }
    });
}

Task<Status> Http1Exchange::send(const OutgoingResponse& response) {
    LINTEL_ASSERT(!answer_started(), "an exchange is answered once");
    AnswerShape shape = shape_of(response, head);
    if (shape.framing.kind == Framing::Kind::Chunked && head.version == Version::Http10) {
        shape.framing = Framing::until_close();
    }
    close_ = must_close(response) || shape.framing.kind == Framing::Kind::UntilClose;
    if (!write_head(response, shape.framing)) {
        co_return fail(Code::Internal, "the answer's head is not canonical HTTP or too large");
    }
    MessageSender::Sent sent = MessageSender::Sent::Complete;
    if (const std::optional<std::string_view> whole = whole_of(response, shape)) {
        if (close_ && response.upgraded == nullptr) { socket_->end_follows(); }
        sent = co_await sender_.send_whole(*whole);
    } else {
        sent = co_await sender_.send_stream(*response.stream, shape.framing, head.accepts_trailers);
    }
    sender_.end();
    sent_bytes = sender_.sent_bytes();
    if (response.upgraded != nullptr && sent == MessageSender::Sent::Complete) {
        co_await tunnel(*response.upgraded);
    }
    co_return status_of(sent);
}

Task<void> Http1Exchange::tunnel(const Upgraded& upgraded) {
    Tunnel tunnel({.socket = *socket_, .early = request_body_.surplus()},
                  {.socket = *upgraded.socket, .early = upgraded.early},
                  {.idle = upgraded.idle, .stall = options_.send_stall_timeout});
    co_await tunnel.run();
    request_body_.begin_without();
    received_bytes += tunnel.from_client();
    sent_bytes += tunnel.from_backend();
}

Status Http1Exchange::status_of(MessageSender::Sent sent) {
    switch (sent) {
        case MessageSender::Sent::Complete: return {};
        case MessageSender::Sent::StreamFailed:
            broken_ = sender_.started();
            return std::unexpected(std::move(sender_.stream_error()));
        case MessageSender::Sent::SocketFailed: break;
    }
    broken_ = true;
    return fail(Code::ClientClosed,
                sender_.socket_error() == ETIMEDOUT ? "the client did not take the answer in time"
                                                    : "the client closed the connection",
                std::strerror(sender_.socket_error()));
}

}  // namespace lintel::http
