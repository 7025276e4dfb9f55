#include "http/client.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "http/client_answer.h"
#include "http/client_connection.h"
#include "http/client_request.h"

namespace lintel::http {
namespace {

/// A backend is told how long a body is even when there is none, if the method suggests one.
bool suggests_body(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

bool is_endless(const ResponseHead& head) {
    if (head.websocket) { return true; }
    const Field* const type = head.fields.find(HeaderId::ContentType);
    if (type == nullptr) { return false; }
    const auto is = [type](std::string_view kind) {
        return equals_ignoring_case(type->value.substr(0, kind.size()), kind);
    };
    return is("text/event-stream") || is("application/grpc");
}

bool is_idempotent(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
           method == "OPTIONS";
}

Origin::Origin(std::string of_host, std::uint16_t of_port, std::optional<Tls> of_tls,
               Version of_version)
    : host(std::move(of_host)),
      port(of_port),
      tls(std::move(of_tls)),
      version(of_version),
      key(fmt::format("{}:{}", host, port)) {
    if (tls) { key += fmt::format(" tls {} {}", tls->server_name, tls->trust); }
    if (version == Version::Http2) { key += " h2"; }
    const bool v6 = host.find(':') != std::string::npos;
    authority = v6 ? fmt::format("[{}]", host) : host;
    if (port != (tls ? 443 : 80)) { authority += fmt::format(":{}", port); }
}

Origin Origin::with_own_pool(std::string_view owner, const PoolLimits& own_limits) const {
    Origin own = *this;
    own.key += fmt::format(" of {}", owner);
    own.limits = own_limits;
    return own;
}

/// One attempt of a call on one connection.
class ClientCall {
public:
    ClientCall(ClientPoolState& pool, const Origin& origin, const OutgoingRequest& request,
               std::optional<std::string_view> whole, CallTimeouts timeouts)
        : pool_(pool), origin_(origin), request_(request), whole_(whole), timeouts_(timeouts) {}

    Task<Status> perform(std::unique_ptr<ClientConnection> connection, bool reused) {
        begin(std::move(connection), reused);
        Wire& wire = *answer_->wire_;
        if (!write_head(wire)) {
            co_return fail(Code::MappingFailed, "the request to the backend is not valid HTTP",
                           "a mapped method, path or field value holds a forbidden character");
        }
        if (whole_) {
            wire.uploaded = co_await wire.sender.send_whole(*whole_);
            wire.uploaded_at_ms = pool_.loop.now_ms();
            wire.sender.end();
        } else {
            stream_used_ = true;
            wire.upload = wire.send_beside(*request_.stream, request_.framing);
            wire.upload.start();
        }
        CO_RETURN_IF_ERROR(co_await read_head(wire));
        begin_body(wire);
        co_return Status();
    }

    std::unique_ptr<ClientAnswer> take() { return std::move(answer_); }

    /// Nothing of an answer arrived, and the backend cannot have acted on the request twice.
    bool may_repeat() const {
        if (!reset_ || stream_used_ || answer_->received_bytes > 0) { return false; }
        return answer_->wire_->sender.sent_bytes() == 0 || is_idempotent(request_.method);
    }

private:
    using Wire = Http1Answer::Wire;

    void begin(std::unique_ptr<ClientConnection> connection, bool reused) {
        answer_ = std::make_unique<Http1Answer>();
        answer_->address_text = connection->address_text();
        answer_->reused_connection = reused;
        answer_->wire_.reset(new Wire(pool_, std::move(connection)));
        answer_->wire_->body_idle = timeouts_.body_idle;
        answer_->wire_->sender.begin(answer_->wire_->connection->socket(), timeouts_.body_idle);
    }

    bool write_head(Wire& wire) const {
        return wire.sender.write_head([this](http1::HeadWriter& writer) {
            writer.request_line(request_.method, request_.path, request_.query);
            writer.field("Host", request_.host.empty() ? std::string_view(origin_.authority)
                                                       : request_.host);
            if (request_.fields != nullptr) {
                for (const Field& field : *request_.fields) {
                    if (!kWrittenByClient.contains(field.id)) { writer.field(field); }
                }
            }
            for (const Field& field : request_.extra_fields) {
                writer.field(field);
            }
            if (request_.websocket) {
                writer.field("Connection", "Upgrade");
                writer.field("Upgrade", "websocket");
            }
            writer.framing(framing());
        });
    }

    Framing framing() const {
        if (request_.framing.kind == Framing::Kind::None) {
            return suggests_body(request_.method) ? Framing::of_length(0) : Framing::none();
        }
        return whole_ ? Framing::of_length(whole_->size()) : request_.framing;
    }

    Task<Status> read_head(Wire& wire) {
        std::size_t begin = 0;  // of the head, behind interim answers
        std::size_t end = 0;
        std::size_t interim = 0;
        while (true) {
            if (const Result<bool> complete = parse_head(wire, begin, end, interim); !complete) {
                co_return std::unexpected(complete.error());
            } else if (*complete) {
                co_return Status();
            }
            const async::Deadline until = answer_deadline(wire);
            // Waits without memory until there is something to put into it.
            async::IoResult got = co_await wire.socket().readable(until);
            if (got == 0) {
                make_room(wire, begin, end);
                const std::span<char> into = wire.head_buffer.span().subspan(end);
                got = co_await wire.socket().recv(into, until);
                if (got == 0) { co_return failed(wire, 0); }
            }
            if (got == -ETIMEDOUT && must_wait_on(wire)) { continue; }
            if (got < 0) { co_return failed(wire, got); }
            end += static_cast<std::size_t>(got);
            answer_->received_bytes = end;
        }
    }

    /// True when the head of the answer is complete; those of interim answers are passed over.
    Result<bool> parse_head(Wire& wire, std::size_t& begin, std::size_t end,
                            std::size_t& interim) const {
        while (end > begin) {
            const std::string_view arrived(wire.head_buffer.data() + begin, end - begin);
            ResponseHead& head = answer_->head;
            const http1::Progress progress =
                wire.parser.parse(arrived, request_.method == "HEAD", head);
            if (progress == http1::Progress::Refused) {
                return std::unexpected(wire.parser.refusal());
            }
            if (progress == http1::Progress::More) { return false; }
            begin += wire.parser.consumed();
            wire.source = {wire.head_buffer.data() + begin, end - begin};
            const bool asked = request_.websocket && head.websocket;
            if (head.status >= 200 || asked) { return true; }
            if (head.status == 101 || ++interim > pool_.options.interim_answers) {
                return fail(Code::BackendBadAnswer,
                            "the backend sent interim answers nobody asked for");
            }
            wire.parser.reset();
        }
        return false;
    }

    /// The parser refuses a head before it fills the larger buffer.
    static void make_room(Wire& wire, std::size_t& begin, std::size_t& end) {
        if (wire.head_buffer.empty()) {
            wire.head_buffer = async::Buffer::lend(async::Buffer::kSmall);
        }
        if (end < wire.head_buffer.size()) { return; }
        async::Buffer larger = async::Buffer::lend(async::Buffer::kLarge);
        std::memcpy(larger.data(), wire.head_buffer.data() + begin, end - begin);
        wire.head_buffer = std::move(larger);
        wire.parser.reset();
        end -= begin;
        begin = 0;
    }

    /// The answer is due some time after the request was sent; a slow upload is supervised by its
    /// own timers.
    async::Deadline answer_deadline(const Wire& wire) const {
        if (wire.uploading()) { return pool_.loop.after(timeouts_.answer); }
        const std::uint64_t from_ms = stream_used_ ? wire.uploaded_at_ms : started_ms_;
        return async::Deadline::at(from_ms + static_cast<std::uint64_t>(timeouts_.answer.count()));
    }
    bool must_wait_on(const Wire& wire) const {
        return wire.uploading() || answer_deadline(wire).at_ms > pool_.loop.now_ms();
    }

    Status failed(Wire& wire, async::IoResult got) {
        if (wire.uploaded == MessageSender::Sent::StreamFailed) {
            return std::unexpected(std::move(wire.sender.stream_error()));
        }
        if (got == -ETIMEDOUT) {
            return fail(Code::BackendTimeout, fmt::format("the backend did not answer within {} ms",
                                                          timeouts_.answer.count()));
        }
        reset_ = true;
        const bool unanswered = answer_->received_bytes == 0;
        return fail(
            {.code = Code::BackendReset,
             .message = unanswered
                            ? "the backend closed the connection without an answer"
                            : "the backend closed the connection inside the head of its answer",
             .cause = got < 0 ? std::strerror(static_cast<int>(-got)) : "",
             .retryable = unanswered && !stream_used_});
    }

    void begin_body(Wire& wire) {
        ResponseHead& head = answer_->head;
        if (is_endless(head)) { wire.body_idle = timeouts_.stream_idle; }
        if (head.websocket) {
            // The connection stays with the answer.
            wire.bodiless = true;
            wire.decoder.begin(Framing::until_close());
            return;
        }
        const bool none = head.status == 204 || head.status == 304 || request_.method == "HEAD";
        wire.bodiless = none || head.framing.kind == Framing::Kind::None;
        wire.decoder.begin(none ? Framing::none() : head.framing);
        wire.decoder.keep_trailers(wire.trailers);
        if (wire.decoder.ended()) { wire.finish(head.keep_alive); }
    }

    ClientPoolState& pool_;
    const Origin& origin_;
    const OutgoingRequest& request_;
    std::optional<std::string_view> whole_;
    CallTimeouts timeouts_;
    std::uint64_t started_ms_ = pool_.loop.now_ms();
    std::unique_ptr<Http1Answer> answer_;
    bool stream_used_ = false;
    bool reset_ = false;
};

namespace {

/// On a kept connection if there is one, else, or when that was dead, on a fresh one.
Task<Result<std::unique_ptr<ClientAnswer>>> call_http1(ClientPoolState& state, const Origin& origin,
                                                       const OutgoingRequest& request,
                                                       CallTimeouts timeouts) {
    ClientCall call(state, origin, request, whole_body(request), timeouts);
    const async::Deadline answer_until = state.loop.after(timeouts.answer);
    std::unique_ptr<ClientConnection> connection = state.origin(origin).take_idle();
    bool reused = connection != nullptr;
    if (reused) { ++state.counts.reused; }
    while (true) {
        if (connection == nullptr) {
            auto opened = co_await state.open(
                origin, std::min(state.loop.after(timeouts.connect), answer_until));
            if (!opened) {
                opened.error().retryable = true;
                co_return std::unexpected(std::move(opened).error());
            }
            connection = *std::move(opened);
        }
        const Status done = co_await call.perform(std::move(connection), reused);
        if (done) { co_return call.take(); }
        if (!reused || !call.may_repeat()) { co_return std::unexpected(done.error()); }
        reused = false;
        ++state.counts.retried;
    }
}

}  // namespace

ClientPool::ClientPool(async::Loop& loop, async::Connector& connector, ClientOptions options)
    : state_(std::make_unique<ClientPoolState>(loop, connector, std::move(options))) {}

ClientPool::~ClientPool() {
    close_idle();
}

Task<Result<std::unique_ptr<ClientAnswer>>> ClientPool::call(const Origin& origin,
                                                             const OutgoingRequest& request,
                                                             CallTimeouts timeouts) {
    if (origin.version == Version::Http2) { return state_->http2.call(origin, request, timeouts); }
    return call_http1(*state_, origin, request, timeouts);
}

ClientPool::Counts ClientPool::counts() const {
    Counts counts = state_->counts;
    counts.open += state_->http2.open();
    return counts;
}

void ClientPool::close_idle() {
    state_->http2.close_idle();
    for (auto& [key, pool] : state_->origins) {
        while (!pool->idle.empty()) {
            std::unique_ptr<ClientConnection> connection = std::move(pool->idle.back());
            pool->idle.pop_back();
            --state_->counts.idle;
            pool->drop(std::move(connection));
        }
    }
}

}  // namespace lintel::http
