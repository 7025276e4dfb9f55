// Puts one message on a socket: the head together with what there is of the body, in as few sends
// as possible. Internal to server and client.
#pragma once

#include <array>
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
    /// Awaits a send without a coroutine of its own: mostly the kernel takes everything at once.
    class [[nodiscard]] Transmit {
    public:
        Transmit(MessageSender& sender, std::span<iovec> parts)
            : sender_(sender), sending_(sender.socket_->send(parts, sender.stall_)) {}
        Transmit(const Transmit&) = delete;
        Transmit& operator=(const Transmit&) = delete;
        bool await_ready() { return sending_.await_ready(); }
        bool await_suspend(std::coroutine_handle<> waiting) {
            return sending_.await_suspend(waiting);
        }
        Sent await_resume() { return sender_.sent(sending_.await_resume(), sending_.sent()); }

    private:
        MessageSender& sender_;
        async::SendOp sending_;
    };

    /// Sends the head and a body that is in memory, which must stay there until then.
    Transmit send_whole(std::string_view body);
    /// Sends the head and a body that is pulled from the stream: at once what is there, the rest as
    /// it comes.
    /// With `trailers`, those of the stream follow a chunked body.
    Task<Sent> send_stream(BodyReader& stream, Framing framing, bool trailers = false);
    /// Drops the memory.
    void end();

    /// The first byte is on its way.
    bool started() const { return started_; }
    std::uint64_t sent_bytes() const { return sent_bytes_; }
    int socket_error() const { return socket_error_; }  ///< a positive errno
    Error& stream_error() { return stream_error_; }

private:
    /// The end of a chunked body. Trailers that are not canonical or do not fit are left out.
    void append_last_chunk(std::span<const Field> trailers);
    bool append_piece(std::span<const char> piece, bool chunked);
    Transmit send_piece(std::span<const char> piece, bool chunked);
    Transmit flush();
    Transmit transmit(std::size_t count);
    Sent sent(async::IoResult result, std::uint64_t bytes);
    Sent stream_failed(Error error);

    async::Socket* socket_ = nullptr;
    std::chrono::milliseconds stall_{0};
    async::Buffer output_;
    std::size_t output_size_ = 0;
    std::array<iovec, 4> parts_;  ///< of the send that is under way
    std::array<char, 20> size_line_;
    bool started_ = false;
    std::uint64_t sent_bytes_ = 0;
    int socket_error_ = 0;
    Error stream_error_;
};

}  // namespace lintel::http
