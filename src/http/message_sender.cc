#include "http/message_sender.h"

#include <array>
#include <cstring>

namespace lintel::http {
namespace {

constexpr std::size_t kCopyLimit = 8192;  ///< pieces up to this travel in the head's buffer
constexpr std::size_t kChunkFrame = 20;   ///< size line and line end around a piece
constexpr std::string_view kLastChunk = "0\r\n\r\n";

iovec part_of(std::span<const char> bytes) {
    return {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
}

}  // namespace

void MessageSender::begin(async::Socket& socket, std::chrono::milliseconds stall) {
    socket_ = &socket;
    stall_ = stall;
    output_size_ = 0;
    started_ = false;
    sent_bytes_ = 0;
    socket_error_ = 0;
}

void MessageSender::end() {
    output_.give_back();
    output_size_ = 0;
}

Task<MessageSender::Sent> MessageSender::send_whole(std::string_view body) {
    if (!body.empty() && body.size() <= output_.size() - output_size_) {
        std::memcpy(output_.data() + output_size_, body.data(), body.size());
        output_size_ += body.size();
        body = {};
    }
    std::array<iovec, 2> parts{part_of({output_.data(), output_size_}), part_of(body)};
    const std::size_t count = body.empty() ? 1 : 2;
    co_return co_await transmit(std::span(parts).first(count));
}

Task<MessageSender::Sent> MessageSender::send_stream(BodyReader& stream, Framing framing) {
    const bool chunked = framing.kind == Framing::Kind::Chunked;
    const bool counted = framing.kind == Framing::Kind::Length;
    std::uint64_t left = framing.length;
    while (!counted || left > 0) {
        Task<Result<std::span<const char>>> reading = stream.read();
        reading.start();
        // What is ready need not wait for what is not there yet.
        if (!reading.done() && output_size_ > 0) {
            if (const Sent sent = co_await flush(); sent != Sent::Complete) { co_return sent; }
        }
        Result<std::span<const char>> piece = co_await reading;
        if (!piece) { co_return stream_failed(std::move(piece).error()); }
        if (piece->empty()) { break; }
        if (counted && piece->size() > left) {
            co_return stream_failed({Code::Internal, "the body is longer than was stated"});
        }
        left -= counted ? piece->size() : 0;
        if (append_piece(*piece, chunked)) { continue; }
        if (const Sent sent = co_await send_piece(*piece, chunked); sent != Sent::Complete) {
            co_return sent;
        }
    }
    if (counted && left > 0) {
        co_return stream_failed({Code::Internal, "the body ended before its stated length"});
    }
    if (chunked) {
        if (kLastChunk.size() > output_.size() - output_size_) {
            if (const Sent sent = co_await flush(); sent != Sent::Complete) { co_return sent; }
        }
        std::memcpy(output_.data() + output_size_, kLastChunk.data(), kLastChunk.size());
        output_size_ += kLastChunk.size();
    }
    co_return co_await flush();
}

bool MessageSender::append_piece(std::span<const char> piece, bool chunked) {
    if (piece.size() > kCopyLimit || piece.size() + kChunkFrame > output_.size() - output_size_) {
        return false;
    }
    if (chunked) {
        output_size_ += http1::write_chunk_size(output_.span().subspan(output_size_), piece.size());
    }
    std::memcpy(output_.data() + output_size_, piece.data(), piece.size());
    output_size_ += piece.size();
    if (chunked) {
        std::memcpy(output_.data() + output_size_, "\r\n", 2);
        output_size_ += 2;
    }
    return true;
}

Task<MessageSender::Sent> MessageSender::send_piece(std::span<const char> piece, bool chunked) {
    std::array<char, kChunkFrame> size_line;  // NOLINT: written below
    std::array<iovec, 4> parts{};
    std::size_t count = 0;
    if (output_size_ > 0) { parts[count++] = part_of({output_.data(), output_size_}); }
    if (chunked) {
        const std::size_t size = http1::write_chunk_size(size_line, piece.size());
        parts[count++] = part_of({size_line.data(), size});
    }
    parts[count++] = part_of(piece);
    if (chunked) { parts[count++] = part_of(std::string_view("\r\n")); }
    co_return co_await transmit(std::span(parts).first(count));
}

Task<MessageSender::Sent> MessageSender::flush() {
    if (output_size_ == 0) { co_return Sent::Complete; }
    std::array<iovec, 1> parts{part_of({output_.data(), output_size_})};
    co_return co_await transmit(parts);
}

Task<MessageSender::Sent> MessageSender::transmit(std::span<iovec> parts) {
    started_ = true;
    async::SendOp sending = socket_->send(parts, stall_);
    const async::IoResult result = co_await sending;
    output_size_ = 0;
    sent_bytes_ += sending.sent();
    if (result >= 0) { co_return Sent::Complete; }
    socket_error_ = static_cast<int>(-result);
    co_return Sent::SocketFailed;
}

MessageSender::Sent MessageSender::stream_failed(Error error) {
    // If nothing went out yet, another message may take the place of this one.
    output_size_ = 0;
    stream_error_ = std::move(error);
    return Sent::StreamFailed;
}

}  // namespace lintel::http
