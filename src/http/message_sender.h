// Puts one message on a socket: the head together with what there is of the body, in as few sends
// as possible. Internal to server and client.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "async/buffer.h"
#include "async/socket.h"
#include "http/body.h"
#include "http/http1.h"

namespace lintel::http {

/// Part of an exchange or of a call; used by one coroutine.
class MessageSender {
public:
    enum class Sent : std::uint8_t {
        Complete,
        SocketFailed,  ///< see socket_error()
        StreamFailed,  ///< see stream_error(); the message is cut if it had started
    };

    void begin(async::Socket& socket, std::chrono::milliseconds stall);
    /// Has `write(HeadWriter&)` write the head. False when it is not canonical or over 64 KiB.
    template <typename Write>
    bool write_head(Write write) {
        for (const std::size_t size : {async::Buffer::kSmall, async::Buffer::kLarge}) {
            if (output_.size() < size) { output_ = async::Buffer::lend(size); }
            http1::HeadWriter writer(output_.span());
            write(writer);
            const bool good = writer.finish();
            output_size_ = writer.size();
            if (good || writer.fits()) { return good; }
        }
        return false;
    }
    /// Sends the head and a body that is in memory.
    Task<Sent> send_whole(std::string_view body);
    /// Sends the head and a body that is pulled from the stream: at once what is there, the rest as
    /// it comes.
    Task<Sent> send_stream(BodyReader& stream, Framing framing);
    /// Drops the memory.
    void end();

    /// The first byte is on its way.
    bool started() const { return started_; }
    std::uint64_t sent_bytes() const { return sent_bytes_; }
    int socket_error() const { return socket_error_; }  ///< a positive errno
    Error& stream_error() { return stream_error_; }

private:
    bool append_piece(std::span<const char> piece, bool chunked);
    Task<Sent> send_piece(std::span<const char> piece, bool chunked);
    Task<Sent> flush();
    Task<Sent> transmit(std::span<iovec> parts);
    Sent stream_failed(Error error);

    async::Socket* socket_ = nullptr;
    std::chrono::milliseconds stall_{0};
    async::Buffer output_;
    std::size_t output_size_ = 0;
    bool started_ = false;
    std::uint64_t sent_bytes_ = 0;
    int socket_error_ = 0;
    Error stream_error_;
};

}  // namespace lintel::http
