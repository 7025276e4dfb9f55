#include "http/http2_exchange.h"

#include <algorithm>
#include <utility>

#include "async/loop.h"
#include "base/assert.h"
#include "base/text.h"
#include "http/answer_shape.h"
#include "http/http1.h"

namespace lintel::http {
namespace {

constexpr std::uint32_t kStreamsPerConnection = 1'000'000;  ///< then the client opens another one
/// A client that asks for much and takes nothing costs us the memory of so many answers; what else
/// it asks for waits (the attack behind CVE-2019-9511).
constexpr std::size_t kBlockedStreams = 16;
/// More than any head may have: what comes beyond is read only to keep the tables in step.
constexpr std::size_t kFieldsOfAHead = 1000;
constexpr std::string_view kGone = "the client closed the stream";

BodyTimes times_of(const ServerOptions& options) {
    return {.idle = options.body_idle_timeout,
            .grace = options.head_timeout,
            .bytes_per_second = options.body_bytes_per_second};
}

}  // namespace

// ---- exchange -----------------------------------------------------------------------------------

Http2Exchange::Http2Exchange(ServerState& server)
    : Http2Stream(server.loop, times_of(server.options),
                  {Code::RequestTimeout, Code::ClientClosed, "the client"}),
      server_(server) {}

void Http2Exchange::begin(Http2ServerConnection& connection, const Peer& from) {
    on_ = &connection;
    peer = &from;
    loop = &server_.loop;
    body = nullptr;
    refused = nullptr;
    started_us = loop->now_us();
    received_bytes = sent_bytes = 0;
    head_complete_ = started_ = handled_ = answer_started_ = answered_ = false;
    given_up_ = Http2Error::Internal;
    arena.reset();
}

bool Http2Exchange::on_field(std::string_view name, std::string_view value) {
    received_bytes += name.size() + value.size();
    if (on_->arriving().fields() >= kFieldsOfAHead) { on_->count_surplus_field(); }
    return on_->arriving().add(name, value);
}

Http2Stream::Head Http2Exchange::on_head() {
    Http2RequestText& arrived = on_->arriving();
    if (!arrived.finish(!inflow_.ended())) { return Head::Bad; }
    const std::string_view text = arena.copy(arrived.text());
    http1::RequestParser parser(server_.options.head_limits);
    const http1::Progress progress = parser.parse(text, head);
    head.version = Version::Http2;
    head.accepts_trailers = arrived.accepts_trailers();
    arrived.shrink();
    head_complete_ = true;
    if (progress != http1::Progress::Done) {
        LINTEL_ASSERT(progress == http1::Progress::Refused, "the text of a head is complete");
        refuse(parser.refusal());
        return Head::Final;
    }
    if (inflow_.ended()) {
        head.framing = Framing::none();
    } else {
        body = &inflow_;
        if (head.expect_continue) { inflow_.announce_reading(); }
    }
    return Head::Final;
}

void Http2Exchange::on_reading() {
    if (answer_started_ || closed()) { return; }
    Http2Connection::HeadList& list = on_->new_head();
    list.add(":status", "100");
    on_->submit_interim(*this);
}

void Http2Exchange::refuse(const Error& error) {
    refusal_ = error;
    refused = &refusal_;
    on_->count_bad_head();
}

Task<void> Http2Exchange::handle() {
    co_await server_.handler.handle(*this);
    handled_ = true;
    on_->changed(*this);
}

void Http2Exchange::on_changed() {
    if (head_complete_ && handling_.empty() && !closed() && on_->may_start(*this)) {
        started_ = true;
        handling_ = handle();
        handling_.start();
    }
    if (closed() && !handled_) {
        // The client gave up: so do we, wherever the handler waits.
        handling_.reset();
        handled_ = true;
    }
    if (!handled_) { return; }
    handling_.reset();
    // RFC 9113 section 8.1: an answer may be complete before its request is.
    end_stream(answered_ ? Http2Error::None : given_up_);
    on_->retire(*this);
}

void Http2Exchange::abandon() {
    handling_.reset();
    end_stream(Http2Error::Cancel);
}

bool Http2Exchange::write_head(const OutgoingResponse& response, const Framing& framing) {
    Http2Connection::HeadList& list = on_->new_head();
    list.add(":status", digits_of(response.status, arena));
    for (const Field& field : response.fields) {
        if (!kWrittenByServer.contains(field.id)) { list.add(field); }
    }
    list.add("date", server_.date.at(loop->now_ms()));
    if (framing.kind == Framing::Kind::Length) {
        list.add("content-length", digits_of(static_cast<std::int64_t>(framing.length), arena));
    }
    if (!list.good()) { return false; }
    sent_bytes = list.bytes();  // not added: a head may be written again before it is sent
    return true;
}

Task<Status> Http2Exchange::send(const OutgoingResponse& response) {
    LINTEL_ASSERT(!answer_started_, "an exchange is answered once");
    const AnswerShape shape = shape_of(response, head);
    if (!write_head(response, shape.framing)) {
        co_return fail(Code::Internal, "the answer's head is not canonical HTTP");
    }
    if (const std::optional<std::string_view> whole = whole_of(response, shape)) {
        start_answer(!whole->empty());
        co_return status_of(co_await send_body(*whole, server_.options.send_stall_timeout));
    }
    co_return co_await send_stream(response, *response.stream, shape.framing);
}

Task<Status> Http2Exchange::send_stream(const OutgoingResponse& response, BodyReader& stream,
                                        const Framing& framing) {
    Task<Result<std::span<const char>>> reading = stream.read();
    reading.start();
    // If the stream fails at once, another answer may take the place of this one; if it waits, the
    // head goes ahead.
    if (!reading.done()) { start_answer(true); }
    Result<std::span<const char>> first = co_await reading;
    if (!first) { co_return std::unexpected(std::move(first).error()); }
    if (!answer_started_) {
        write_head(response, framing);
        start_answer(true);
    }
    co_return status_of(
        co_await send_body(stream, *first, framing, server_.options.send_stall_timeout));
}

void Http2Exchange::start_answer(bool body) {
    answer_started_ = true;
    connection().submit_answer(*this, body);
}

Status Http2Exchange::status_of(Http2Outflow::Sent sent) {
    sent_bytes += outflow_.sent_bytes();
    switch (sent) {
        case Http2Outflow::Sent::Complete: answered_ = true; return {};
        case Http2Outflow::Sent::StreamFailed: return std::unexpected(std::move(source_error()));
        case Http2Outflow::Sent::PeerGone: return fail(Code::ClientClosed, std::string(kGone));
        case Http2Outflow::Sent::TooSlow: break;
    }
    given_up_ = Http2Error::Cancel;
    return fail(Code::ClientClosed, "the client did not take the answer in time");
}

// ---- connection ---------------------------------------------------------------------------------

Http2ServerConnection::Http2ServerConnection(ServerState& server, async::Socket& socket,
                                             const Peer& peer)
    : Http2Connection(socket, Side::Server,
                      {.idle = server.options.keep_alive_timeout,
                       .head = server.options.head_timeout,
                       .stall = server.options.send_stall_timeout}),
      server_(server),
      peer_(peer) {}

Http2ServerConnection::~Http2ServerConnection() {
    while (!exchanges_.empty()) {
        Http2Exchange& last = *exchanges_.back();
        last.abandon();
        retire(last);
    }
}

Http2Stream* Http2ServerConnection::open_stream() {
    if (++served_ == kStreamsPerConnection) { announce_end(); }
    exchanges_.push_back(server_.lend_stream());
    Http2Exchange& exchange = *exchanges_.back();
    exchange.place = exchanges_.size() - 1;
    exchange.begin(*this, peer_);
    arriving_.begin();
    return &exchange;
}

bool Http2ServerConnection::has_room() const {
    return (peer_takes_little() ? running_ : blocked()) < kBlockedStreams;
}

bool Http2ServerConnection::may_start(Http2Exchange& exchange) {
    if (has_room()) {
        ++running_;
        return true;
    }
    if (std::ranges::find(held_back_, &exchange) == held_back_.end()) {
        held_back_.push_back(&exchange);
    }
    return false;
}

void Http2ServerConnection::on_settled() {
    while (!held_back_.empty() && has_room()) {
        Http2Exchange& next = *held_back_.front();
        held_back_.pop_front();
        next.on_changed();
    }
}

void Http2ServerConnection::retire(Http2Exchange& exchange) {
    if (!held_back_.empty()) { std::erase(held_back_, &exchange); }
    if (exchange.started()) { --running_; }
    const std::size_t place = exchange.place;
    std::unique_ptr<Http2Exchange> done = std::exchange(exchanges_[place], nullptr);
    if (place + 1 != exchanges_.size()) {
        exchanges_[place] = std::move(exchanges_.back());
        exchanges_[place]->place = place;
    }
    exchanges_.pop_back();
    server_.give_back(std::move(done));
}

}  // namespace lintel::http
