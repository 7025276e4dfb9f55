#include "http/http2_call.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/assert.h"
#include "http/client_request.h"

namespace lintel::http {
namespace {

constexpr HeaderSet kForbidden = {HeaderId::Connection, HeaderId::KeepAlive,
                                  HeaderId::ProxyConnection, HeaderId::TransferEncoding,
                                  HeaderId::Upgrade};

BodyTimes pace_of(std::chrono::milliseconds idle) {
    return {.idle = idle, .grace = idle, .bytes_per_second = 0};
}

}  // namespace

Http2Call::Http2Call(async::Loop& loop, const ClientOptions& options, const CallTimeouts& timeouts)
    : Http2Stream(loop, pace_of(timeouts.body_idle),
                  {Code::BackendTimeout, Code::BackendReset, "the backend"}),
      loop_(loop),
      options_(options),
      timeouts_(timeouts),
      parser_(options.head_limits),
      changed_(loop) {}

bool Http2Call::write_head(Http2Connection::HeadList& list, const Origin& origin,
                           const OutgoingRequest& request, const Framing& framing,
                           std::string& scratch) {
    scratch = fmt::format("{}{}{}", request.path, request.query.empty() ? "" : "?", request.query);
    const std::size_t path_size = scratch.size();
    scratch += fmt::format("{}", framing.length);
    const std::string_view path = std::string_view(scratch).substr(0, path_size);
    list.add(":method", request.method);
    list.add(":scheme", origin.tls ? "https" : "http");
    list.add(":authority",
             request.host.empty() ? std::string_view(origin.authority) : request.host);
    list.add(":path", path);
    if (request.fields != nullptr) {
        for (const Field& field : *request.fields) {
            if (!kWrittenByClient.contains(field.id)) { list.add(field); }
        }
    }
    for (const Field& field : request.extra_fields) {
        list.add(field);
    }
    if (framing.kind == Framing::Kind::Length) {
        list.add("content-length", std::string_view(scratch).substr(path_size));
    }
    if (request.accepts_trailers) { list.add("te", "trailers"); }
    return list.good() && http1::is_request_target(path);
}

bool Http2Call::begin(Http2Connection& connection, const Origin& origin,
                      const OutgoingRequest& request, std::optional<std::string_view> whole) {
    const Framing framing = whole && !whole->empty() ? Framing::of_length(whole->size())
                            : whole                  ? Framing::none()
                                                     : request.framing;
    const bool body = framing.kind != Framing::Kind::None;
    to_head_ = request.method == "HEAD";
    if (!write_head(connection.new_head(), origin, request, framing, text_) ||
        !connection.submit_request(*this, body)) {
        return false;
    }
    text_.clear();
    uploaded_at_ms_ = loop_.now_ms();
    if (!body) {
        uploaded_ = Http2Outflow::Sent::Complete;
        return true;
    }
    upload_ = send(whole ? nullptr : request.stream, whole.value_or(""), framing);
    upload_.start();
    return true;
}

Task<void> Http2Call::send(BodyReader* stream, std::string_view whole, Framing framing) {
    if (stream == nullptr) {
        uploaded_ = co_await send_body(whole, timeouts_.stream_idle);
    } else {
        Result<std::span<const char>> first = co_await stream->read();
        if (first) {
            uploaded_ = co_await send_body(*stream, *first, framing, timeouts_.stream_idle);
        } else {
            source_error() = std::move(first).error();
            uploaded_ = Http2Outflow::Sent::StreamFailed;
        }
    }
    uploaded_at_ms_ = loop_.now_ms();
    // Without the rest of the request there will be no answer worth waiting for.
    if (uploaded_ == Http2Outflow::Sent::StreamFailed) {
        inflow_.cut();
        inflow_.wake();
        changed_.wake();
    }
}

bool Http2Call::on_field(std::string_view name, std::string_view value) {
    if (name == ":status") {
        text_ = fmt::format("HTTP/1.1 {} \r\n", value);
        return true;
    }
    if (!is_token(name) || kForbidden.contains(header_id(name))) { return false; }
    if (text_.size() < kMaxHeadText) {
        text_.append(name).append(": ").append(value).append("\r\n");
    }
    return true;
}

Http2Stream::Head Http2Call::on_head() {
    text_ += "\r\n";
    parser_.reset();
    if (parser_.parse(text_, to_head_, answer) != http1::Progress::Done) {
        bad_ = parser_.refusal().message;
        return Head::Bad;
    }
    if (answer.status < 200) {
        if (answer.status == 101 || ++interim_ > options_.interim_answers || inflow_.ended()) {
            bad_ = "the backend sent interim answers nobody asked for";
            return Head::Bad;
        }
        text_.clear();
        return Head::Interim;
    }
    answer.version = Version::Http2;
    if (is_endless(answer)) { inflow_.set_pace(pace_of(timeouts_.stream_idle)); }
    answer.keep_alive = true;
    const bool none = to_head_ || answer.status == 204 || answer.status == 304;
    if (!none && inflow_.ended()) { answer.framing = Framing::of_length(0); }
    if (answer.framing.kind == Framing::Kind::UntilClose) { answer.framing = Framing::chunked(); }
    bodiless_ = none || inflow_.ended();
    complete_ = true;
    return Head::Final;
}

void Http2Call::on_changed() {
    if (complete_ || closed()) { changed_.wake(); }
}

Task<Status> Http2Call::head() {
    const std::uint64_t started_ms = loop_.now_ms();
    while (!complete_) {
        if (closed() || uploaded_ == Http2Outflow::Sent::StreamFailed) {
            co_return std::unexpected(failure(-ECONNRESET));
        }
        // The answer is due some time after the request was sent; a slow upload is supervised by
        // its own timers.
        const std::uint64_t from_ms =
            uploaded_ ? std::max(uploaded_at_ms_, started_ms) : loop_.now_ms();
        const auto patience = static_cast<std::uint64_t>(timeouts_.answer.count());
        if (from_ms + patience <= loop_.now_ms()) {
            co_return std::unexpected(failure(-ETIMEDOUT));
        }
        co_await changed_.until(async::Deadline::at(from_ms + patience));
    }
    co_return Status();
}

std::optional<Error> Http2Call::upload_failure() {
    if (uploaded_ != Http2Outflow::Sent::StreamFailed) { return std::nullopt; }
    return source_error();
}

Error Http2Call::failure(int outcome) {
    if (const auto failed = upload_failure()) { return *failed; }
    if (!bad_.empty()) { return {Code::BackendBadAnswer, bad_}; }
    if (outcome == -ETIMEDOUT) {
        return {Code::BackendTimeout,
                fmt::format("the backend did not answer within {} ms", timeouts_.answer.count())};
    }
    return {Code::BackendReset, "the backend gave the call up without an answer",
            fmt::format("stream error {}", close_code())};
}

bool Http2Call::untouched() const {
    return closed() && !complete_ &&
           close_code() == static_cast<std::uint32_t>(Http2Error::Refused);
}

void Http2Call::end() {
    upload_.reset();
    end_stream(Http2Error::Cancel);
}

}  // namespace lintel::http
