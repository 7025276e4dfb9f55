// One stream of HTTP/2: a message each way. Internal to HTTP/2.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "async/loop.h"
#include "async/task.h"
#include "http/body.h"
#include "http/http2_inflow.h"
#include "http/http2_outflow.h"

namespace lintel::http {

class Http2Connection;

/// Of a head rewritten as text; the parser has refused it before there is more.
inline constexpr std::size_t kMaxHeadText = 66U << 10;

/// RFC 9113 section 7: those that we name.
enum class Http2Error : std::uint32_t {
    None = 0,
    Protocol = 1,
    Internal = 2,
    Refused = 7,
    Cancel = 8,
    EnhanceYourCalm = 11,
};

/// One stream of a connection. on_field() and on_head() are called from inside nghttp2: they take
/// notes and resume nobody. Whoever lets go of a stream buries it: the turn may still refer to it.
class Http2Stream : public async::Buriable {
public:
    Http2Stream(async::Loop& loop, BodyTimes times, Http2Inflow::Failures failures);
    Http2Stream(const Http2Stream&) = delete;
    Http2Stream& operator=(const Http2Stream&) = delete;
    ~Http2Stream() override;

    /// A field of the head, pseudo fields first. False: the stream is reset.
    virtual bool on_field(std::string_view name, std::string_view value) = 0;
    enum class Head : std::uint8_t { Final, Interim, Bad };
    /// The head is complete. Bad: the stream is reset.
    virtual Head on_head() = 0;
    /// Outside of nghttp2, once for all that changed meanwhile. The stream may end its life here.
    virtual void on_changed() = 0;

    /// Someone begins to wait for the body, and wanted to be told (Http2Inflow::announce_reading).
    virtual void on_reading() {}

    std::int32_t id() const { return id_; }
    /// Nothing can be sent or will arrive any more.
    bool closed() const { return closed_; }
    /// Tells the connection how many bytes the reader is done with.
    void credit(std::size_t bytes);

protected:
    friend class Http2Connection;
    friend struct Http2Callbacks;

    /// Forgets an earlier use.
    void begin_stream(Http2Connection& connection);
    /// Sends what is pulled from `source` behind a head that was submitted with a body; `first` is
    /// its first piece, and `stall` the longest wait for the peer to take something of a piece.
    Task<Http2Outflow::Sent> send_body(BodyReader& source, std::span<const char> first,
                                       Framing framing, std::chrono::milliseconds stall);
    /// The same for bytes in memory; without any, it waits for the head to be on its way.
    Task<Http2Outflow::Sent> send_body(std::string_view whole, std::chrono::milliseconds stall);
    Http2Connection& connection() { return *connection_; }
    /// Of the stream when it was closed by the peer: an error of RFC 9113 section 7.
    std::uint32_t close_code() const { return close_code_; }
    Error& source_error() { return source_error_; }
    /// Whoever used the stream is done: gives it up if it is not closed, and gives back what it
    /// holds of the connection.
    void end_stream(Http2Error why);

    Http2Inflow inflow_;
    Http2Outflow outflow_;

private:
    class Blocked;
    /// Waits until the piece that was offered is on its way.
    Task<Http2Outflow::Sent> pass(std::chrono::milliseconds stall);

    Http2Connection* connection_ = nullptr;
    std::int32_t id_ = -1;
    std::uint32_t close_code_ = 0;
    bool closed_ = true;
    bool head_done_ = false;
    bool noted_ = false;  ///< on the connection's list of streams that changed
    Error source_error_;
};

}  // namespace lintel::http
