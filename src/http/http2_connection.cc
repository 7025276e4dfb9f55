#include "http/http2_connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/ascii.h"
#include "base/assert.h"
#include "base/log.h"
#include "http/http1_text.h"
#include "http/http2_callbacks.h"

namespace lintel::http {
namespace {

constexpr std::uint32_t kSmallWindow = 1024;
constexpr std::size_t kOutbound = 256;  ///< frames waiting to be sent, then we stop reading

/// In the table of the peer they would only take the place of what comes again.
constexpr HeaderSet kNewEachTime = {HeaderId::XRequestId, HeaderId::XCorrelationId};

std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

// ---- heads --------------------------------------------------------------------------------------

void Http2Connection::HeadList::clear() {
    lines_.clear();
    bytes_ = 0;
    good_ = true;
}

void Http2Connection::HeadList::add(const Field& field) {
    const bool comes_again = !kNewEachTime.contains(field.id);
    put(field.name, field.value, comes_again ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX);
}

void Http2Connection::HeadList::put(std::string_view name, std::string_view value,
                                    std::uint8_t flags) {
    const bool pseudo = name.starts_with(':');
    good_ =
        good_ && is_token(pseudo ? name.substr(1) : name) && http1::kValueChars.contains_all(value);
    bytes_ += name.size() + value.size();
    // nghttp2 lowers the names where it copies them.
    lines_.push_back({.name = bytes_of(name),
                      .value = bytes_of(value),
                      .namelen = name.size(),
                      .valuelen = value.size(),
                      .flags = flags});
}

void Http2Connection::submit_answer(Http2Stream& stream, bool body) {
    nghttp2_data_provider provider{.source = {.ptr = &stream}, .read_callback = http2_read_body};
    const int error = nghttp2_submit_response(session_, stream.id_, head_.lines_.data(),
                                              head_.lines_.size(), body ? &provider : nullptr);
    LINTEL_ASSERT(error == 0 || stream.closed_, "an answer goes out on an open stream");
    dirty_.wake();
}

void Http2Connection::submit_interim(Http2Stream& stream) {
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id_, nullptr, head_.lines_.data(),
                           head_.lines_.size(), nullptr);
    dirty_.wake();
}

bool Http2Connection::submit_request(Http2Stream& stream, bool body) {
    nghttp2_data_provider provider{.source = {.ptr = &stream}, .read_callback = http2_read_body};
    stream.begin_stream(*this);
    const std::int32_t id =
        nghttp2_submit_request(session_, nullptr, head_.lines_.data(), head_.lines_.size(),
                               body ? &provider : nullptr, &stream);
    if (id < 0) { return false; }
    bind(stream, id);
    dirty_.wake();
    return true;
}

// ---- connection ---------------------------------------------------------------------------------

Http2Connection::Http2Connection(async::Socket& socket, Side side, Times times)
    : socket_(socket),
      side_(side),
      times_(times),
      dirty_(socket.loop()),
      relieved_(socket.loop()),
      ended_(socket.loop()),
      waiting_since_ms_(socket.loop().now_ms()) {
    const auto make =
        side == Side::Server ? nghttp2_session_server_new2 : nghttp2_session_client_new2;
    const int error = make(&session_, http2_callbacks(), this, http2_options());
    LINTEL_ASSERT(error == 0, "nghttp2 has memory for a session");
    std::vector<nghttp2_settings_entry> settings = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kStreams},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kHeadBytes},
    };
    if (side == Side::Client) { settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0}); }
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Http2Connection::~Http2Connection() {
    reading_.reset();
    writing_.reset();
    for (Http2Stream* const stream : streams_) {
        // What arrived stays readable: it is the stream's own.
        stream->connection_ = nullptr;
        stream->closed_ = true;
    }
    nghttp2_session_del(session_);
}

void Http2Connection::bind(Http2Stream& stream, std::int32_t id) {
    stream.id_ = id;
    streams_.push_back(&stream);
}

void Http2Connection::leave(Http2Stream& stream, std::size_t unread) {
    std::erase(streams_, &stream);
    if (stream.noted_) { std::ranges::replace(changed_, &stream, nullptr); }
    if (!stream.closed_ && stream.id_ >= 0) {
        nghttp2_session_set_stream_user_data(session_, stream.id_, nullptr);
    }
    nghttp2_session_consume_connection(session_, unread);
    stream.closed_ = true;
    if (streams_.empty()) { waiting_since_ms_ = loop().now_ms(); }
    dirty_.wake();
}

void Http2Connection::note(Http2Stream& stream) {
    if (std::exchange(stream.noted_, true)) { return; }
    changed_.push_back(&stream);
}

void Http2Connection::follow_head(const nghttp2_frame_hd& frame) {
    const bool of_head = frame.type == NGHTTP2_HEADERS || frame.type == NGHTTP2_CONTINUATION;
    const bool open = of_head && (frame.flags & NGHTTP2_FLAG_END_HEADERS) == 0;
    if (open && !head_open_) { waiting_since_ms_ = loop().now_ms(); }
    head_open_ = open;
}

void Http2Connection::note_soon(Http2Stream& stream) {
    note(stream);
    dirty_.wake();
}

void Http2Connection::closed(Http2Stream& stream, std::uint32_t code) {
    stream.closed_ = true;
    stream.close_code_ = code;
    stream.inflow_.cut();
    stream.outflow_.cut();
    note(stream);
}

void Http2Connection::resume(const Http2Stream& stream) {
    if (!stream.closed_) { nghttp2_session_resume_data(session_, stream.id_); }
    dirty_.wake();
}

void Http2Connection::reset(const Http2Stream& stream, Http2Error why) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id_,
                              static_cast<std::uint32_t>(why));
    dirty_.wake();
}

void Http2Connection::credit(const Http2Stream& stream, std::size_t bytes) {
    nghttp2_session_consume(session_, stream.id_, bytes);
    dirty_.wake();
}

void Http2Connection::count(Http2FloodGuard::Kind kind) {
    if (side_ == Side::Client || guard_.count(kind, loop().now_ms()) || winding_down_) { return; }
    log::debug("an HTTP/2 connection was ended",
               {{"reason", "too many " + std::string(Http2FloodGuard::name(kind))}});
    winding_down_ = true;
    nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
}

void Http2Connection::announce_end() {
    if (winding_down_ || std::exchange(announced_, true)) { return; }
    nghttp2_submit_shutdown_notice(session_);
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
    dirty_.wake();
}

void Http2Connection::submit_goodbye() {
    if (std::exchange(winding_down_, true)) { return; }
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                          nullptr, 0);
}

void Http2Connection::wind_down() {
    submit_goodbye();
    dirty_.wake();
}

void Http2Connection::take(std::string_view bytes) {
    const ssize_t taken = nghttp2_session_mem_recv(session_, bytes_of(bytes), bytes.size());
    if (taken < 0) { failed_ = true; }
    settle();
    dirty_.wake();
}

void Http2Connection::settle() {
    for (std::size_t i = 0; i < changed_.size(); ++i) {
        Http2Stream* const stream = std::exchange(changed_[i], nullptr);
        if (stream == nullptr) { continue; }
        stream->noted_ = false;
        stream->inflow_.wake();
        stream->outflow_.wake();
        // Whoever was woken may have let go of it; it is buried, not gone.
        if (stream->connection_ == this) { stream->on_changed(); }
    }
    changed_.clear();
    on_settled();
}

bool Http2Connection::put(std::string_view bytes) {
    if (bytes.size() > output_.size() - output_size_) { return false; }
    if (!bytes.empty()) { std::memcpy(output_.data() + output_size_, bytes.data(), bytes.size()); }
    output_size_ += bytes.size();
    return true;
}

bool Http2Connection::fill() {
    if (leftover_.empty() && nghttp2_session_want_write(session_) == 0) { return false; }
    if (output_.empty()) { output_ = async::Buffer::lend(async::Buffer::kLarge); }
    put(std::exchange(leftover_, {}));
    while (leftover_.empty()) {
        const std::uint8_t* frame = nullptr;
        const ssize_t size = nghttp2_session_mem_send(session_, &frame);
        if (size < 0) { failed_ = true; }
        if (size <= 0) { break; }
        const std::string_view bytes = text_of(frame, static_cast<std::size_t>(size));
        if (!put(bytes)) { leftover_ = bytes; }
    }
    return output_size_ > 0;
}

Task<void> Http2Connection::write_frames() {
    while (!over()) {
        const bool filled = fill();
        settle();
        if (!filled) {
            output_.give_back();
            co_await dirty_.until(async::Deadline::never());
            // Whatever else this turn makes goes out together.
            co_await loop().next_turn();
            continue;
        }
        const std::span<const char> bytes(output_.data(), output_size_);
        if (co_await socket_.send(bytes, times_.stall) < 0) { failed_ = true; }
        output_size_ = 0;
        relieved_.wake();
    }
    ended_.wake();
}

Task<void> Http2Connection::read_frames() {
    while (!over()) {
        while (nghttp2_session_get_outbound_queue_size(session_) > kOutbound && !failed_) {
            co_await relieved_.until(async::Deadline::never());
        }
        const async::IoResult ready = co_await socket_.readable(patience());
        if (ready == -ETIMEDOUT && !head_open_) {
            if (!idle_too_long()) { continue; }
            // The goodbye leaves before the connection does: having written it ends it.
            wind_down();
            co_return;
        }
        if (ready != 0) { break; }
        const async::Buffer input = async::Buffer::lend(async::Buffer::kBulk);
        const async::IoResult got = co_await socket_.recv(input.span(), async::Deadline::never());
        if (got <= 0) { break; }
        take({input.data(), static_cast<std::size_t>(got)});
    }
    ended_.wake();
}

Task<void> Http2Connection::run(std::string_view arrived) {
    writing_ = write_frames();
    writing_.start();
    if (!arrived.empty()) { take(arrived); }
    reading_ = read_frames();
    reading_.start();
    co_await ended_.until(async::Deadline::never());
    // Out of the frame of the one that ended.
    co_await loop().next_turn();
    reading_.reset();
    writing_.reset();
    for (Http2Stream* const stream : std::vector(streams_)) {
        closed(*stream, NGHTTP2_INTERNAL_ERROR);
    }
    settle();
}

async::Deadline Http2Connection::patience() const {
    const std::chrono::milliseconds wait = head_open_ ? times_.head : times_.idle;
    const bool idle = head_open_ || streams_.empty();
    const std::uint64_t since_ms = idle ? waiting_since_ms_ : loop().now_ms();
    return async::Deadline::at(since_ms + static_cast<std::uint64_t>(wait.count()));
}

bool Http2Connection::idle_too_long() const {
    return streams_.empty() && patience() <= async::Deadline::at(loop().now_ms());
}

bool Http2Connection::peer_takes_little() const {
    return nghttp2_session_get_remote_window_size(session_) <= 0 ||
           nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE) <
               kSmallWindow;
}

bool Http2Connection::accepts_streams() const {
    const std::uint32_t limit =
        nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    return !failed_ && streams_.size() < std::min(limit, kStreams) &&
           nghttp2_session_check_request_allowed(session_) != 0;
}

bool Http2Connection::over() const {
    if (failed_) { return true; }
    if (!leftover_.empty() || output_size_ > 0 || nghttp2_session_want_write(session_) != 0) {
        return false;
    }
    const bool deserted = winding_down_ && streams_.empty();
    return deserted || nghttp2_session_want_read(session_) == 0;
}

}  // namespace lintel::http
