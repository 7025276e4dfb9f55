// The body of a request as it arrives on a server connection. Internal to the server.
#pragma once

#include <chrono>
#include <cstdint>

#include "async/buffer.h"
#include "async/socket.h"
#include "http/body.h"
#include "http/body_pace.h"
#include "http/http1.h"
#include "http/message.h"

namespace lintel::http {

/// Reads one body: first what came along with the head, then from the socket. Owned by the
/// exchange; the head's bytes are never touched, since views point into them.
class ServerBody final : public BodyReader {
public:
    /// `send_stall` is for the 100.
    ServerBody(BodyTimes times, std::chrono::milliseconds send_stall)
        : pace_(times), send_stall_(send_stall) {}

    /// `arrived` are the bytes behind the head: body first, perhaps the next request after it. What
    /// is read is added to `total`.
    void begin(async::Socket& socket, const RequestHead& head, std::string_view arrived,
               std::uint64_t& total);
    /// There is no body.
    void begin_without();
    Task<Result<std::span<const char>>> read() override;
    std::optional<std::span<const char>> take_whole() override;

    bool ended() const { return decoder_.ended(); }
    bool failed() const { return failed_; }
    /// The client waits for our 100 and has not got it.
    bool held_back() const { return expects_continue_ && !ended(); }
    /// What is certainly still to come; 0 for chunked bodies.
    std::uint64_t certain_rest() const { return decoder_.certain_rest(); }
    /// Bytes that arrived behind the body.
    std::string_view surplus() const { return source_; }
    std::uint64_t received_bytes() const { return pace_.received(); }
    /// Drops the memory; views into it end.
    void end();

private:
    http1::BodyDecoder::Step next_step();
    Task<Status> receive();
    std::unexpected<Error> broken(Code code, std::string message);

    BodyPace pace_;
    std::chrono::milliseconds send_stall_;
    async::Socket* socket_ = nullptr;
    http1::BodyDecoder decoder_;
    std::string_view source_;  ///< arrived and not yet read
    async::Buffer buffer_;
    bool expects_continue_ = false;
    bool failed_ = false;
    std::uint64_t* total_ = nullptr;
};

}  // namespace lintel::http
