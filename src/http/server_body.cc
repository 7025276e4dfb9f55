#include "http/server_body.h"

#include "async/loop.h"

namespace lintel::http {

void ServerBody::begin(async::Socket& socket, const RequestHead& head, std::string_view arrived,
                       std::uint64_t& total) {
    begin_without();
    socket_ = &socket;
    decoder_.begin(head.framing);
    source_ = arrived;
    expects_continue_ = head.expect_continue;
    total_ = &total;
}

void ServerBody::begin_without() {
    decoder_.begin(Framing::none());
    source_ = {};
    expects_continue_ = false;
    failed_ = false;
    pace_.begin();
}

http1::BodyDecoder::Step ServerBody::next_step() {
    const http1::BodyDecoder::Step step = decoder_.decode(source_);
    source_.remove_prefix(step.consumed);
    pace_.received(step.consumed);
    *total_ += step.consumed;
    return step;
}

void ServerBody::end() {
    source_ = {};
    buffer_.give_back();
}

std::optional<std::span<const char>> ServerBody::take_whole() {
    if (failed_) { return std::nullopt; }
    if (ended()) { return std::span<const char>(); }
    if (decoder_.kind() != Framing::Kind::Length || source_.size() < decoder_.certain_rest()) {
        return std::nullopt;
    }
    return std::span<const char>(next_step().data);
}

Task<Result<std::span<const char>>> ServerBody::read() {
    while (true) {
        if (failed_) { co_return fail(Code::RequestMalformed, "the body is broken"); }
        const http1::BodyDecoder::Step step = next_step();
        switch (step.status) {
            case http1::BodyDecoder::Status::Data: co_return std::span<const char>(step.data);
            case http1::BodyDecoder::Status::End: co_return std::span<const char>();
            case http1::BodyDecoder::Status::Bad:
                co_return broken(Code::RequestMalformed, std::string(decoder_.fault()));
            case http1::BodyDecoder::Status::More: break;
        }
        CO_RETURN_IF_ERROR(co_await receive());
    }
}

Task<Status> ServerBody::receive() {
    if (expects_continue_) {
        expects_continue_ = false;
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        const std::span<const char> interim(kContinue);
        if (co_await socket_->send(interim, send_stall_) < 0) {
            co_return broken(Code::ClientClosed, "the client closed the connection");
        }
    }
    if (buffer_.empty()) { buffer_ = async::Buffer::lend(async::Buffer::kBulk); }
    // Never beyond a known end: the next request is then read where heads are read.
    std::span<char> into = buffer_.span();
    if (decoder_.kind() == Framing::Kind::Length && decoder_.certain_rest() < into.size()) {
        into = into.first(static_cast<std::size_t>(decoder_.certain_rest()));
    }
    async::Loop& loop = socket_->loop();
    const std::uint64_t begun_ms = loop.now_ms();
    const async::IoResult got = co_await socket_->recv(into, pace_.patience(begun_ms));
    pace_.waited(begun_ms, loop.now_ms());
    if (got > 0) {
        source_ = {into.data(), static_cast<std::size_t>(got)};
        co_return Status();
    }
    if (got == -ETIMEDOUT) {
        co_return broken(Code::RequestTimeout, "the body did not arrive in time");
    }
    co_return broken(Code::ClientClosed, "the client closed the connection inside the body");
}

std::unexpected<Error> ServerBody::broken(Code code, std::string message) {
    failed_ = true;
    return fail(code, std::move(message));
}

}  // namespace lintel::http
