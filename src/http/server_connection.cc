#include "http/server_connection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "http/http2_exchange.h"
#include "http/proxy_protocol.h"

namespace lintel::http {
namespace {

constexpr std::uint32_t kRequestsPerTurn = 16;  ///< pipelined ones, then other connections run
constexpr std::chrono::milliseconds kLingerTime{2000};
constexpr std::uint64_t kLingerBytes = 4ULL << 20;
constexpr std::string_view kHttp2 = "h2";  ///< by ALPN

}  // namespace

ServerConnection::ServerConnection(ServerState& server, async::Accepted accepted,
                                   const Opening& opening, ConnectionLimits::Admission admission)
    : server_(server),
      opening_(opening),
      admission_(std::move(admission)),
      socket_(std::move(accepted.socket)),
      peer_{.address = accepted.peer.address,
            .port = accepted.peer.port,
            .local_address = accepted.local.address,
            .local_port = accepted.local.port,
            .secure = opening.tls != nullptr,
            .address_text = accepted.peer.address.to_string()} {}

ServerConnection::~ServerConnection() {
    running_.reset();
}

void ServerConnection::start() {
    running_ = run();
    running_.start();
}

void ServerConnection::announce_end() {
    if (http2_ != nullptr) { http2_->announce_end(); }
}

void ServerConnection::wind_down() {
    if (http2_ != nullptr) {
        http2_->wind_down();
    } else if (idle_) {
        socket_.cancel();
    }
}

Task<void> ServerConnection::run() {
    bool alive = opening_.is_plain() || co_await open();
    if (alive && socket_.protocol() == kHttp2) {
        co_await speak_http2();
        alive = false;
    }
    while (alive && !server_.closing) {
        // An idle connection holds no buffer and no exchange.
        const async::Deadline until = server_.loop.after(server_.options.keep_alive_timeout);
        const async::IoResult ready = co_await socket_.readable(until);
        if (ready != 0) { break; }
        exchange_ = server_.lend();
        alive = co_await serve(*exchange_);
        server_.give_back(std::move(exchange_));
        if (!preface_.empty()) { co_await speak_http2(); }
    }
    if (linger_) { co_await linger(); }
    socket_.close();
    if (!abandoned_) { server_.ended(*this); }
}

void ServerConnection::peer_left() {
    if (abandoned_ || exchange_->answer_started()) { return; }
    abandoned_ = true;
    server_.ended(*this);
}

Task<bool> ServerConnection::open() {
    bool alive = true;
    if (opening_.balancers != nullptr) { alive = co_await learn_client(); }
    if (alive && opening_.tls != nullptr) { alive = co_await shake_hands(); }
    co_return alive;
}

Task<bool> ServerConnection::learn_client() {
    const async::Deadline until = server_.loop.after(server_.options.head_timeout);
    const Result<ProxyHeader> header = co_await read_proxy_header(socket_, until);
    if (!header) {
        server_.limits.refused(ConnectionLimits::Refusal::ProxyHeader);
        log::debug("a load balancer did not say whose connection it brings",
                   {{"balancer", peer_.address_text}, {"reason", header.error().message}});
        co_return false;
    }
    if (!header->ends) { co_return true; }
    peer_.address = header->ends->source.address;
    peer_.port = header->ends->source.port;
    peer_.local_address = header->ends->destination.address;
    peer_.local_port = header->ends->destination.port;
    peer_.address_text = peer_.address.to_string();
    co_return admission_->claim(peer_.address);
}

Task<bool> ServerConnection::shake_hands() {
    const async::Deadline until = server_.loop.after(server_.options.head_timeout);
    async::TlsHandshake handshake{.names = server_.handler};
    const Status done = co_await opening_.tls->accept(socket_, until, handshake);
    if (!done) {
        log::debug("a connection did not become a secure one", {{"client", peer_.address_text},
                                                                {"reason", done.error().message},
                                                                {"cause", done.error().cause}});
    }
    peer_.tls_rules = std::move(handshake.rules);
    co_return done.has_value();
}

bool ServerConnection::begins_http2(const Http1Exchange& exchange) {
    if (served_ > 0 || peer_.secure || !exchange.arrived().starts_with("PRI ")) { return false; }
    preface_ = exchange.arrived();
    return true;
}

Task<void> ServerConnection::speak_http2() {
    Http2ServerConnection http2(server_, socket_, peer_);
    http2_ = &http2;
    if (server_.draining) { http2.announce_end(); }
    co_await http2.run(std::exchange(preface_, {}));
    http2_ = nullptr;
    // The client may still be sending: it must be able to read why this is the end.
    linger_ = true;
}

Task<bool> ServerConnection::serve(Http1Exchange& exchange) {
    exchange.input = async::Buffer::lend(async::Buffer::kSmall);
    exchange.input_begin = exchange.input_end = 0;
    bool alive = true;
    do {
        exchange.begin(socket_, peer_);
        const async::Deadline until = server_.loop.after(server_.options.head_timeout);
        bool answerable = true;
        while (read_head(exchange) == http1::Progress::More) {
            const std::span<char> room = make_room(exchange);
            const async::IoResult got = co_await socket_.recv(room, until);
            if (got <= 0) {
                answerable = head_failed(exchange, got);
                break;
            }
            exchange.input_end += static_cast<std::size_t>(got);
            if (begins_http2(exchange)) {
                answerable = false;
                break;
            }
        }
        if (!answerable) {
            alive = false;
            break;
        }
        idle_ = false;
        if (++served_ >= server_.options.requests_per_connection) { exchange.announce_close(); }
        socket_.watch_peer(this);
        co_await server_.handler.handle(exchange);
        socket_.watch_peer(nullptr);
        const After after = settle(exchange);
        alive = after == After::Next;
        if (after == After::Drain) { alive = co_await drain_body(exchange); }
        exchange.request_body().end();
        idle_ = true;
        const bool more = alive && !exchange.arrived().empty();
        if (more && served_ % kRequestsPerTurn == 0) { co_await server_.loop.next_turn(); }
        // Answered and nothing more has come: back to waiting without memory.
    } while (alive && !exchange.arrived().empty());
    exchange.input.give_back();
    co_return alive;
}

http1::Progress ServerConnection::read_head(Http1Exchange& exchange) {
    const std::string_view arrived = exchange.arrived();
    if (arrived.empty()) { return http1::Progress::More; }
    const http1::Progress progress = exchange.parser.parse(arrived, exchange.head);
    if (progress == http1::Progress::Refused) {
        exchange.received_bytes = arrived.size();
        exchange.refuse(exchange.parser.refusal());
    } else if (progress == http1::Progress::Done) {
        const std::size_t size = exchange.parser.consumed();
        exchange.input_begin += size;
        exchange.received_bytes = size;
        exchange.begin_body(exchange.arrived());
    }
    return progress;
}

std::span<char> ServerConnection::make_room(Http1Exchange& exchange) {
    const std::string_view arrived = exchange.arrived();
    if (exchange.input_end == exchange.input.size()) {
        if (exchange.input_begin > 0) {
            std::memmove(exchange.input.data(), arrived.data(), arrived.size());
        } else {
            // The parser refuses a head before it fills the larger buffer.
            async::Buffer larger = async::Buffer::lend(async::Buffer::kLarge);
            std::memcpy(larger.data(), arrived.data(), arrived.size());
            exchange.input = std::move(larger);
        }
        exchange.input_begin = 0;
        exchange.input_end = arrived.size();
        exchange.parser.reset();
        exchange.forget_head();
    }
    return exchange.input.span().subspan(exchange.input_end);
}

bool ServerConnection::head_failed(Http1Exchange& exchange, async::IoResult got) {
    if (got != -ETIMEDOUT || exchange.arrived().empty()) { return false; }
    exchange.received_bytes = exchange.arrived().size();
    exchange.refuse({Code::RequestTimeout, "the request head did not arrive in time"});
    return true;
}

ServerConnection::After ServerConnection::settle(Http1Exchange& exchange) {
    ServerBody& body = exchange.request_body();
    if (exchange.broken() || !exchange.answer_started()) {
        // Cut, not ended: the client must not take half an answer for a whole one.
        socket_.reset_on_close();
        return After::End;
    }
    if (exchange.refused != nullptr) { linger_ = true; }
    if (body.ended()) {
        keep_surplus(exchange);
        return exchange.closes() || server_.draining ? After::End : After::Next;
    }
    const bool drainable = !exchange.closes() && !body.held_back() && !body.failed();
    if (drainable) { return After::Drain; }
    linger_ = true;
    return After::End;
}

Task<bool> ServerConnection::drain_body(Http1Exchange& exchange) {
    ServerBody& body = exchange.request_body();
    const std::uint64_t limit = body.received_bytes() + server_.options.drain_limit;
    while (!body.ended()) {
        const auto piece = co_await body.read();
        if (!piece || body.received_bytes() > limit) {
            linger_ = true;
            co_return false;
        }
    }
    keep_surplus(exchange);
    co_return !server_.draining;
}

void ServerConnection::keep_surplus(Http1Exchange& exchange) {
    const std::string_view surplus = exchange.request_body().surplus();
    const char* const begin = exchange.input.data();
    if (surplus.data() >= begin && surplus.data() <= begin + exchange.input_end) {
        // Still behind the head, in the same buffer.
        exchange.input_begin = exchange.input_end - surplus.size();
        return;
    }
    if (surplus.size() > exchange.input.size()) {
        exchange.input = async::Buffer::lend(async::Buffer::kLarge);
    }
    if (!surplus.empty()) { std::memcpy(exchange.input.data(), surplus.data(), surplus.size()); }
    exchange.input_begin = 0;
    exchange.input_end = surplus.size();
}

Task<void> ServerConnection::linger() {
    // Closing with unread bytes would reset the connection, and the client might never see the
    // answer: first say that nothing more comes, then read what is still on its way.
    socket_.finish_writing();
    const async::Deadline until = server_.loop.after(kLingerTime);
    async::Buffer sink = async::Buffer::lend(async::Buffer::kSmall);
    std::uint64_t dropped = 0;
    while (dropped < kLingerBytes) {
        const std::span<char> into = sink.span();
        const async::IoResult got = co_await socket_.recv(into, until);
        if (got <= 0) { co_return; }
        dropped += static_cast<std::uint64_t>(got);
    }
}

}  // namespace lintel::http
