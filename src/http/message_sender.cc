#include "http/message_sender.h"

#include <array>
#include <cstring>

namespace lintel::http {
namespace {

constexpr std::size_t kCopyLimit = 8192;       ///< pieces up to this travel in the head's buffer
constexpr std::size_t kChunkFrame = 20;        ///< size line and line end around a piece
constexpr std::size_t kRoomForTrailers = 512;  ///< beside their bytes: colons, line ends
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

MessageSender::Transmit MessageSender::send_whole(std::string_view body) {
    if (!body.empty() && body.size() <= output_.size() - output_size_) {
        std::memcpy(output_.data() + output_size_, body.data(), body.size());
        output_size_ += body.size();
        body = {};
    }
    parts_[0] = part_of({output_.data(), output_size_});
    parts_[1] = part_of(body);
    return transmit(body.empty() ? 1 : 2);
}

Task<MessageSender::Sent> MessageSender::send_stream(BodyReader& stream, Framing framing,
                                                     bool trailers) {
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
        if (Trailers::kMaxBytes + kRoomForTrailers > output_.size() - output_size_ &&
            output_size_ > 0) {
            if (const Sent sent = co_await flush(); sent != Sent::Complete) { co_return sent; }
        }
        append_last_chunk(trailers ? stream.trailers() : std::span<const Field>());
    }
    // A body without a byte and a head that went ahead leave nothing.
    if (output_size_ == 0) { co_return Sent::Complete; }
    co_return co_await flush();
}

void MessageSender::append_last_chunk(std::span<const Field> trailers) {
    http1::HeadWriter writer(output_.span().subspan(output_size_));
    writer.last_chunk();
    for (const Field& field : trailers) {
        writer.field(field.name, field.value);
    }
    if (writer.finish()) {
        output_size_ += writer.size();
        return;
    }
    std::memcpy(output_.data() + output_size_, kLastChunk.data(), kLastChunk.size());
    output_size_ += kLastChunk.size();
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

MessageSender::Transmit MessageSender::send_piece(std::span<const char> piece, bool chunked) {
    std::size_t count = 0;
    if (output_size_ > 0) { parts_[count++] = part_of({output_.data(), output_size_}); }
    if (chunked) {
        const std::size_t size = http1::write_chunk_size(size_line_, piece.size());
        parts_[count++] = part_of({size_line_.data(), size});
    }
    parts_[count++] = part_of(piece);
    if (chunked) { parts_[count++] = part_of(std::string_view("\r\n")); }
    return transmit(count);
}

/// REQUIRES: something is left to send.
MessageSender::Transmit MessageSender::flush() {
    parts_[0] = part_of({output_.data(), output_size_});
    return transmit(1);
}

MessageSender::Transmit MessageSender::transmit(std::size_t count) {
    started_ = true;
    return {*this, std::span(parts_).first(count)};
}

MessageSender::Sent MessageSender::sent(async::IoResult result, std::uint64_t bytes) {
    output_size_ = 0;
    sent_bytes_ += bytes;
    if (result >= 0) { return Sent::Complete; }
    socket_error_ = static_cast<int>(-result);
    return Sent::SocketFailed;
}

MessageSender::Sent MessageSender::stream_failed(Error error) {
    // If nothing went out yet, another message may take the place of this one.
    output_size_ = 0;
    stream_error_ = std::move(error);
    return Sent::StreamFailed;
}

}  // namespace lintel::http
