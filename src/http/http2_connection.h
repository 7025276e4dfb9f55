// HTTP/2 on one socket (RFC 9113), the same for servers and clients: nghttp2 knows the protocol,
// this moves the bytes and tells each stream what became of it. The frames of one turn of the loop
// leave in one send. Internal to the server and the client of HTTP/2.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "async/buffer.h"
#include "async/socket.h"
#include "async/task.h"
#include "async/waiter.h"
#include "http/http2_flood_guard.h"
#include "http/http2_stream.h"
#include "http/message.h"

namespace lintel::http {

/// Bytes as nghttp2 hands them over.
inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

/// Reads and writes the frames of one socket. Lives on one loop; the socket must outlive it.
class Http2Connection {
public:
    enum class Side : std::uint8_t { Server, Client };
    struct Times {
        std::chrono::milliseconds idle{60'000};   ///< without a stream
        std::chrono::milliseconds head{10'000};   ///< for a head that has begun
        std::chrono::milliseconds stall{30'000};  ///< without a byte taken by the peer
    };
    static constexpr std::uint32_t kStreams = 100;              ///< at once, opened by the peer
    static constexpr std::int32_t kConnectionWindow = 1 << 20;  ///< received and not yet read
    static constexpr std::uint32_t kHeadBytes = 64U << 10;      ///< of a decoded head

    Http2Connection(async::Socket& socket, Side side, Times times);
    Http2Connection(const Http2Connection&) = delete;
    Http2Connection& operator=(const Http2Connection&) = delete;
    virtual ~Http2Connection();

    /// Serves the connection to its end; `arrived` has been received already.
    Task<void> run(std::string_view arrived);
    /// Server: asks for no new streams, and winds down as soon as the peer is known to have read
    /// that; what it asks for until then is served (RFC 9113 section 6.8).
    void announce_end();
    /// No new streams: says so and ends the connection with the last one.
    void wind_down();
    async::Loop& loop() const { return socket_.loop(); }

    /// A head to be sent, written field by field and then submitted.
    class HeadList {
    public:
        void clear();
        void add(std::string_view name, std::string_view value) {
            put(name, value, NGHTTP2_NV_FLAG_NONE);
        }
        void add(const Field& field);
        /// False when a field was not canonical HTTP.
        bool good() const { return good_; }
        std::size_t bytes() const { return bytes_; }

    private:
        friend class Http2Connection;
        friend struct Http2Callbacks;
        void put(std::string_view name, std::string_view value, std::uint8_t flags);

        std::vector<nghttp2_nv> lines_;
        std::size_t bytes_ = 0;
        bool good_ = true;
    };
    HeadList& new_head() {
        head_.clear();
        return head_;
    }
    /// Sends new_head() as an answer; with `body` the outflow's bytes follow.
    void submit_answer(Http2Stream& stream, bool body);
    /// Sends new_head() as an answer that another will follow (1xx).
    void submit_interim(Http2Stream& stream);
    /// Sends new_head() as a request and gives the stream its number. False when the connection
    /// takes no more.
    bool submit_request(Http2Stream& stream, bool body);

protected:
    friend class Http2Stream;
    friend struct Http2Callbacks;

    /// Server: the peer begins a stream; null refuses it.
    virtual Http2Stream* open_stream() = 0;
    /// The peer wants no more streams.
    virtual void on_goaway() {}
    /// The stream is told what changed; outside of nghttp2, note_soon() makes sure of it.
    void note(Http2Stream& stream);
    void note_soon(Http2Stream& stream);
    /// One more; too many end the connection.
    void count(Http2FloodGuard::Kind kind);
    std::size_t streams() const { return streams_.size(); }
    /// Streams with bytes that the peer's windows hold up.
    std::size_t blocked() const { return blocked_; }
    /// The windows are so small that whatever is sent next is as good as held up.
    bool peer_takes_little() const;
    /// All streams were told what changed.
    virtual void on_settled() {}
    bool winding_down() const { return winding_down_; }
    /// Client: the peer takes another stream now.
    bool accepts_streams() const;

private:
    void bind(Http2Stream& stream, std::int32_t id);
    void leave(Http2Stream& stream, std::size_t unread);
    /// A frame begins: notes whether a head is incomplete.
    void follow_head(const nghttp2_frame_hd& frame);
    void closed(Http2Stream& stream, std::uint32_t code);
    void resume(const Http2Stream& stream);
    void reset(const Http2Stream& stream, Http2Error why);
    void credit(const Http2Stream& stream, std::size_t bytes);
    void take(std::string_view bytes);
    /// Tells the streams what changed, until nothing does.
    void settle();
    /// Fills the output; false when there is nothing to send.
    bool fill();
    /// False when there is no room.
    bool put(std::string_view bytes);
    /// Streams so far are the last ones; the connection ends with them.
    void submit_goodbye();
    Task<void> write_frames();
    Task<void> read_frames();
    bool over() const;
    async::Deadline patience() const;
    /// Nothing was asked for as long as one may stay silent.
    bool idle_too_long() const;

    async::Socket& socket_;
    const Side side_;
    const Times times_;
    nghttp2_session* session_ = nullptr;
    Http2FloodGuard guard_;
    std::vector<Http2Stream*> streams_;  ///< in use by someone, open or not
    std::vector<Http2Stream*> changed_;  ///< to be told; null = gone meanwhile
    std::size_t blocked_ = 0;
    HeadList head_;
    async::Buffer output_;
    std::size_t output_size_ = 0;
    std::string_view leftover_;     ///< of a frame that did not fit
    async::Waiter dirty_;           ///< something is to be sent
    async::Waiter relieved_;        ///< the peer took what was in the way
    async::Waiter ended_;           ///< reading or writing came to its end
    std::int32_t last_opened_ = 0;  ///< of the peer's streams
    struct {
        std::int32_t begin = 0;
        std::int32_t end = 0;
    } passed_over_;           ///< numbers of streams before it
    bool head_open_ = false;  ///< a head has begun and is not complete
    bool announced_ = false;  ///< the peer was asked for no new streams
    bool winding_down_ = false;
    bool failed_ = false;
    std::uint64_t waiting_since_ms_ = 0;  ///< for a stream, or for the rest of a head
    Task<void> writing_;                  ///< last: they refer to what is above
    Task<void> reading_;
};

}  // namespace lintel::http
