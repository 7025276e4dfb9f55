#include "http/client_answer.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>

namespace lintel::http {
namespace {

/// What is left of a body goes in one piece if a buffer takes it; more of it goes piece by piece,
/// and small pieces stay in the cache.
std::size_t buffer_size(const http1::BodyDecoder& decoder) {
    const std::uint64_t rest = decoder.certain_rest();
    const bool whole = rest > async::Buffer::kBulk && rest <= async::Buffer::kLarge;
    return whole ? async::Buffer::kLarge : async::Buffer::kBulk;
}

}  // namespace

Http1Answer::Wire::~Wire() {
    drop();
}

void Http1Answer::Wire::drop() {
    upload.reset();
    if (connection) { connection->pool().drop(std::move(connection)); }
}

void Http1Answer::Wire::finish(bool keep_alive) {
    const bool sent_all = uploaded == MessageSender::Sent::Complete;
    if (!keep_alive || !sent_all || !source.empty()) {
        drop();
        return;
    }
    connection->pool().give_back(std::move(connection));
}

Task<void> Http1Answer::Wire::send_beside(BodyReader& stream, Framing framing) {
    uploaded = co_await sender.send_stream(stream, framing);
    uploaded_at_ms = pool.loop.now_ms();
    sender.end();
    // Without the rest of the request there will be no answer worth waiting for. A failed socket is
    // different: the backend may have answered early and closed.
    if (uploaded == MessageSender::Sent::StreamFailed && connection) {
        connection->socket().cancel();
    }
}

Http1Answer::Http1Answer() = default;
Http1Answer::~Http1Answer() = default;

bool Http1Answer::bodiless() const {
    return wire_->bodiless;
}

std::optional<std::span<const char>> Http1Answer::take_whole() {
    http1::BodyDecoder& decoder = wire_->decoder;
    if (decoder.ended()) { return std::span<const char>(); }
    if (decoder.kind() != Framing::Kind::Length || wire_->source.size() < decoder.certain_rest()) {
        return std::nullopt;
    }
    const http1::BodyDecoder::Step step = decoder.decode(wire_->source);
    wire_->source.remove_prefix(step.consumed);
    wire_->finish(head.keep_alive);
    return std::span<const char>(step.data);
}

std::span<const Field> Http1Answer::trailers() const {
    return wire_->trailers.all();
}

std::optional<Upgraded> Http1Answer::upgraded() {
    if (!head.websocket || !wire_->connection) { return std::nullopt; }
    return Upgraded{.socket = &wire_->socket(), .early = wire_->source, .idle = wire_->body_idle};
}

Task<Result<std::span<const char>>> Http1Answer::read() {
    Wire& wire = *wire_;
    while (true) {
        const bool was_ended = wire.decoder.ended();
        const http1::BodyDecoder::Step step = wire.decoder.decode(wire.source);
        wire.source.remove_prefix(step.consumed);
        if (wire.decoder.ended() && !was_ended) { wire.finish(head.keep_alive); }
        switch (step.status) {
            case http1::BodyDecoder::Status::Data: co_return std::span<const char>(step.data);
            case http1::BodyDecoder::Status::End: co_return std::span<const char>();
            case http1::BodyDecoder::Status::Bad:
                wire.drop();
                co_return fail(Code::BackendBadAnswer, std::string(wire.decoder.fault()));
            case http1::BodyDecoder::Status::More: break;
        }
        if (!wire.connection) {
            co_return fail(Code::BackendReset, "the connection to the backend is gone");
        }
        const async::Deadline until = wire.pool.loop.after(wire.body_idle);
        // Waits without memory until there is something to put into it.
        async::IoResult got = co_await wire.socket().readable(until);
        if (got == 0) {
            if (wire.body_buffer.empty()) {
                wire.body_buffer = async::Buffer::lend(buffer_size(wire.decoder));
            }
            const std::span<char> into = wire.body_buffer.span();
            got = co_await wire.socket().recv(into, until);
        }
        if (got > 0) {
            const auto size = static_cast<std::size_t>(got);
            received_bytes += size;
            wire.source = {wire.body_buffer.data(), size};
            continue;
        }
        const bool to_the_end = wire.decoder.kind() == Framing::Kind::UntilClose;
        if (got == 0 && to_the_end) { wire.decoder.close(); }
        Error failure{Code::BackendReset, "the backend closed the connection inside its answer",
                      got < 0 ? std::strerror(static_cast<int>(-got)) : ""};
        if (got == -ETIMEDOUT) {
            failure = {Code::BackendTimeout, fmt::format("the answer's body paused for more than "
                                                         "{} ms",
                                                         wire.body_idle.count())};
        }
        if (wire.uploaded == MessageSender::Sent::StreamFailed) {
            failure = wire.sender.stream_error();
        }
        wire.drop();
        if (got == 0 && to_the_end) { co_return std::span<const char>(); }
        co_return std::unexpected(std::move(failure));
    }
}

}  // namespace lintel::http
