#include "http/http2_callbacks.h"

#include <algorithm>

#include "base/assert.h"
#include "http/http2_connection.h"

namespace lintel::http {
namespace {

constexpr std::size_t kContinuations = 8;  ///< of one head (CVE-2024-28182)
constexpr std::size_t kSettings = 32;      ///< in one frame
constexpr std::size_t kFrameHead = 9;

Http2FloodGuard::Kind kind_of(const nghttp2_frame& frame) {
    switch (frame.hd.type) {
        case NGHTTP2_RST_STREAM: return Http2FloodGuard::Kind::Reset;
        case NGHTTP2_PING: return Http2FloodGuard::Kind::Ping;
        case NGHTTP2_SETTINGS: return Http2FloodGuard::Kind::Settings;
        case NGHTTP2_PRIORITY: return Http2FloodGuard::Kind::Priority;
        case NGHTTP2_DATA: {
            const bool useless =
                frame.hd.length == 0 && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0;
            return useless ? Http2FloodGuard::Kind::EmptyData : Http2FloodGuard::Kind::Useful;
        }
        default: return Http2FloodGuard::Kind::Useful;
    }
}

bool ends_stream(const nghttp2_frame& frame) {
    return (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

}  // namespace

// NOLINTBEGIN(readability-function-size): nghttp2 says what its callbacks take.

/// What nghttp2 calls. Nothing in here resumes a coroutine or calls nghttp2_session_mem_*.
struct Http2Callbacks {
    static Http2Connection& connection(void* data) { return *static_cast<Http2Connection*>(data); }

    static Http2Stream* stream(nghttp2_session* session, std::int32_t id) {
        return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
    }

    static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* data) {
        Http2Connection& self = connection(data);
        const bool opens =
            frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
        if (!opens) { return 0; }
        Http2Stream* const made = self.winding_down_ ? nullptr : self.open_stream();
        if (made == nullptr) {
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                      NGHTTP2_REFUSED_STREAM);
            return 0;
        }
        made->begin_stream(self);
        self.bind(*made, frame->hd.stream_id);
        nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, made);
        return 0;
    }

    static int on_header(nghttp2_session* session, const nghttp2_frame* frame,
                         const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                         std::size_t value_size, std::uint8_t, void*) {
        Http2Stream* const to = stream(session, frame->hd.stream_id);
        if (to == nullptr) { return 0; }
        const std::string_view as_name = text_of(name, name_size);
        const std::string_view as_value = text_of(value, value_size);
        const bool taken = to->head_done_ ? to->inflow_.add_trailer(as_name, as_value)
                                          : to->on_field(as_name, as_value);
        return taken ? 0 : malformed(session, frame->hd.stream_id);
    }

    /// RFC 9113 section 8.1.1.
    static int malformed(nghttp2_session* session, std::int32_t id) {
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }

    /// Without this one, nghttp2 would leave the field out and go on.
    static int on_invalid_header(nghttp2_session* session, const nghttp2_frame* frame,
                                 const std::uint8_t*, std::size_t, const std::uint8_t*, std::size_t,
                                 std::uint8_t, void*) {
        return malformed(session, frame->hd.stream_id);
    }

    /// RFC 9113 section 5.1.1: a number that was passed over cannot be used any more.
    static int on_begin_frame(nghttp2_session* session, const nghttp2_frame_hd* head, void* data) {
        Http2Connection& self = connection(data);
        self.follow_head(*head);
        if (head->type != NGHTTP2_HEADERS || self.side_ == Http2Connection::Side::Client) {
            return 0;
        }
        if (head->stream_id > self.last_opened_) {
            self.passed_over_ = {.begin = self.last_opened_ + 1, .end = head->stream_id};
            self.last_opened_ = head->stream_id;
        } else if (self.passed_over_.begin <= head->stream_id &&
                   head->stream_id < self.passed_over_.end) {
            nghttp2_session_terminate_session(session, NGHTTP2_PROTOCOL_ERROR);
        }
        return 0;
    }

    static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* data) {
        Http2Connection& self = connection(data);
        self.count(kind_of(*frame));
        if (frame->hd.type == NGHTTP2_GOAWAY) {
            self.on_goaway();
            return 0;
        }
        // Of the one ping we ever send: the peer has read what was announced before it.
        const bool pong =
            frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
        if (pong && self.announced_) { self.submit_goodbye(); }
        Http2Stream* const to = stream(session, frame->hd.stream_id);
        if (to == nullptr) { return 0; }
        if (frame->hd.type == NGHTTP2_HEADERS && !to->head_done_) {
            if (ends_stream(*frame)) { to->inflow_.end(); }
            switch (to->on_head()) {
                case Http2Stream::Head::Final: to->head_done_ = true; break;
                case Http2Stream::Head::Interim: break;
                case Http2Stream::Head::Bad: malformed(session, frame->hd.stream_id); return 0;
            }
        } else if (ends_stream(*frame)) {
            to->inflow_.end();
        } else {
            return 0;
        }
        self.note(*to);
        return 0;
    }

    static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id,
                       const std::uint8_t* bytes, std::size_t size, void*) {
        Http2Stream* const to = stream(session, id);
        if (to == nullptr) {
            nghttp2_session_consume(session, id, size);
            return 0;
        }
        to->inflow_.add({reinterpret_cast<const char*>(bytes), size});
        to->connection_->note(*to);
        return 0;
    }

    static int on_close(nghttp2_session* session, std::int32_t id, std::uint32_t code, void* data) {
        if (Http2Stream* const gone = stream(session, id); gone != nullptr) {
            connection(data).closed(*gone, code);
        }
        return 0;
    }

    /// Streams we give up because of what the peer sent cost us more than the peer (CVE-2025-8671).
    static int on_frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* data) {
        Http2Stream* const from = stream(session, frame->hd.stream_id);
        const bool data_or_head =
            frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
        if (from != nullptr && data_or_head && ends_stream(*frame)) {
            from->outflow_.finish();
            connection(data).note(*from);
        }
        const bool blames = frame->hd.type == NGHTTP2_RST_STREAM &&
                            frame->rst_stream.error_code != NGHTTP2_NO_ERROR &&
                            frame->rst_stream.error_code != NGHTTP2_REFUSED_STREAM;
        if (blames) { connection(data).count(Http2FloodGuard::Kind::OurReset); }
        return 0;
    }

    static ssize_t read_body(nghttp2_session* session, std::int32_t id, std::uint8_t*,
                             std::size_t room, std::uint32_t* flags, nghttp2_data_source* source,
                             void*) {
        const Http2Outflow& flow = static_cast<Http2Stream*>(source->ptr)->outflow_;
        if (!flow.has_something()) { return NGHTTP2_ERR_DEFERRED; }
        const std::size_t size = std::min(room, flow.piece().size());
        *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
        if (!flow.last() || size < flow.piece().size()) { return static_cast<ssize_t>(size); }
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        if (!flow.trailers().empty()) {
            *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            Http2Connection::HeadList list;
            for (const Field& field : flow.trailers()) {
                list.add(field);
            }
            if (nghttp2_submit_trailer(session, id, list.lines_.data(), list.lines_.size()) != 0) {
                return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
            }
        }
        return static_cast<ssize_t>(size);
    }

    static int send_body(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head,
                         std::size_t size, nghttp2_data_source* source, void* data) {
        Http2Connection& self = connection(data);
        Http2Stream& from = *static_cast<Http2Stream*>(source->ptr);
        LINTEL_ASSERT(frame->data.padlen == 0, "we pad nothing");
        if (kFrameHead + size > self.output_.size() - self.output_size_) {
            return NGHTTP2_ERR_WOULDBLOCK;
        }
        self.put(text_of(head, kFrameHead));
        self.put({from.outflow_.piece().data(), size});
        from.outflow_.take(size);
        self.note(from);
        return 0;
    }

    static nghttp2_session_callbacks* all() {
        static nghttp2_session_callbacks* const made = [] {
            nghttp2_session_callbacks* callbacks = nullptr;
            LINTEL_ASSERT(nghttp2_session_callbacks_new(&callbacks) == 0, "nghttp2 has memory");
            nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
            nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
            nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
            nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, on_invalid_header);
            nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
            nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
            nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
            nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
            nghttp2_session_callbacks_set_send_data_callback(callbacks, send_body);
            return callbacks;
        }();
        return made;
    }

    static nghttp2_option* options() {
        static nghttp2_option* const made = [] {
            nghttp2_option* option = nullptr;
            LINTEL_ASSERT(nghttp2_option_new(&option) == 0, "nghttp2 has memory");
            nghttp2_option_set_no_auto_window_update(option, 1);
            nghttp2_option_set_max_continuations(option, kContinuations);
            nghttp2_option_set_max_settings(option, kSettings);
            nghttp2_option_set_server_fallback_rfc7540_priorities(option, 0);
            return option;
        }();
        return made;
    }
};

nghttp2_session_callbacks* http2_callbacks() {
    return Http2Callbacks::all();
}

nghttp2_option* http2_options() {
    return Http2Callbacks::options();
}

ssize_t http2_read_body(nghttp2_session* session, std::int32_t id, std::uint8_t* into,
                        std::size_t room, std::uint32_t* flags, nghttp2_data_source* source,
                        void* data) {
    return Http2Callbacks::read_body(session, id, into, room, flags, source, data);
}

// NOLINTEND(readability-function-size)

}  // namespace lintel::http
