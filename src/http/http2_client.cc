#include "http/http2_client.h"

#include <algorithm>
#include <utility>

#include "async/socket_address.h"
#include "base/assert.h"
#include "http/client_connection.h"
#include "http/client_request.h"
#include "http/http2_call.h"
#include "http/waiting_place.h"

namespace lintel::http {
namespace {

constexpr std::size_t kTries = 2;  ///< on a connection that turns out to be leaving

/// An answer that comes by a stream.
class Http2Answer final : public ClientAnswer {
public:
    Http2Answer(async::Loop& loop, std::unique_ptr<Http2Call> call)
        : loop_(loop), call_(std::move(call)) {
        head = call_->answer;
    }
    ~Http2Answer() override {
        call_->end();
        loop_.bury(std::move(call_));
    }

    bool bodiless() const override { return call_->bodiless(); }
    Task<Result<std::span<const char>>> read() override {
        auto piece = co_await call_->body().read();
        received_bytes = call_->body().received_bytes();
        if (!piece) {
            if (auto failed = call_->upload_failure()) { co_return std::unexpected(*failed); }
        }
        co_return piece;
    }
    std::optional<std::span<const char>> take_whole() override {
        return call_->body().take_whole();
    }
    std::span<const Field> trailers() const override { return call_->body().trailers(); }

private:
    async::Loop& loop_;
    std::unique_ptr<Http2Call> call_;
};

/// A call that is not an answer yet; buried when nothing comes of it.
class Pending {
public:
    Pending(async::Loop& loop, std::unique_ptr<Http2Call> call)
        : loop_(loop), call_(std::move(call)) {}
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
    ~Pending() {
        if (call_ == nullptr) { return; }
        call_->end();
        loop_.bury(std::move(call_));
    }
    Http2Call* operator->() const { return call_.get(); }
    std::unique_ptr<Http2Call> take() { return std::move(call_); }

private:
    async::Loop& loop_;
    std::unique_ptr<Http2Call> call_;
};

/// The connection was lost before the head of the answer: the backend may have acted.
bool is_reset(const Error& error) {
    return error.code == Code::BackendReset;
}

}  // namespace

// ---- connection ---------------------------------------------------------------------------------

Http2ClientConnection::Http2ClientConnection(Http2Pool& pool, const Origin& origin,
                                             async::Connector::Connected connected)
    : pool_(pool),
      key_(origin.key),
      address_text_(async::to_string(connected.address)),
      socket_(std::move(connected.socket)),
      frames_(socket_, Http2Connection::Side::Client,
              Http2Connection::Times{.idle = pool.limits_of(origin).idle_timeout}) {}

Http2ClientConnection::~Http2ClientConnection() {
    serving_.reset();
}

void Http2ClientConnection::start() {
    serving_ = serve();
    serving_.start();
}

bool Http2ClientConnection::has_place() const {
    return frames_.takes_more();
}

Task<void> Http2ClientConnection::serve() {
    co_await frames_.run({});
    pool_.ended(*this);
}

// ---- pool ---------------------------------------------------------------------------------------

/// A connection that is being opened.
class Http2Pool::Opening {
public:
    explicit Opening(Connections& connections) : connections_(connections) {
        ++connections_.opening;
    }
    Opening(const Opening&) = delete;
    Opening& operator=(const Opening&) = delete;
    ~Opening() {
        --connections_.opening;
        connections_.wake_all();
    }

private:
    Connections& connections_;
};

Http2ClientConnection* Http2Pool::Connections::least_used() const {
    Http2ClientConnection* best = nullptr;
    for (const auto& connection : open) {
        if (!connection->has_place()) { continue; }
        if (best == nullptr || connection->calls() < best->calls()) { best = connection.get(); }
    }
    return best;
}

void Http2Pool::Connections::wake_all() {
    // Who is woken leaves the line, and may join it again at its end.
    for (std::size_t left = waiting.size(); left > 0 && !waiting.empty(); --left) {
        waiting.front()->wake();
    }
}

async::Loop& Http2Pool::loop() const {
    return owner_.loop;
}

const ClientOptions& Http2Pool::options() const {
    return owner_.options;
}

const PoolLimits& Http2Pool::limits_of(const Origin& origin) const {
    return origin.limits ? *origin.limits : options().limits;
}

Http2Pool::Connections& Http2Pool::of(const Origin& origin) {
    const auto known = origins_.find(origin.key);
    if (known != origins_.end()) { return *known->second; }
    if (origins_.size() >= kMaxOrigins) {
        // Backends come and go with releases; forget those that nothing refers to.
        std::erase_if(origins_, [](const auto& entry) {
            const Connections& unused = *entry.second;
            return unused.open.empty() && unused.opening == 0 && unused.waiting.empty();
        });
    }
    return *origins_.emplace(origin.key, std::make_unique<Connections>()).first->second;
}

void Http2Pool::ended(Http2ClientConnection& connection) {
    const auto known = origins_.find(connection.key());
    LINTEL_ASSERT(known != origins_.end(), "an origin with a connection is not forgotten");
    auto& open = known->second->open;
    const auto self =
        std::ranges::find(open, &connection, &std::unique_ptr<Http2ClientConnection>::get);
    LINTEL_ASSERT(self != open.end(), "a connection ends once");
    // Its own coroutine is what ends it.
    loop().bury(std::move(*self));
    open.erase(self);
    known->second->wake_all();
}

std::size_t Http2Pool::open() const {
    std::size_t count = 0;
    for (const auto& [key, connections] : origins_) {
        count += connections->open.size();
    }
    return count;
}

void Http2Pool::close_idle() {
    for (const auto& [key, connections] : origins_) {
        for (const auto& connection : connections->open) {
            if (connection->calls() == 0) { connection->frames().wind_down(); }
        }
    }
}

Task<Result<Http2ClientConnection*>> Http2Pool::connection(const Origin& origin,
                                                           async::Deadline until) {
    Connections& connections = of(origin);
    while (true) {
        if (Http2ClientConnection* const free = connections.least_used()) { co_return free; }
        const bool full = connections.open.size() >= limits_of(origin).connections;
        if (connections.opening == 0 && !full) { break; }
        if (connections.waiting.size() >= limits_of(origin).waiting) {
            co_return fail(Code::BackendOverloaded,
                           "too many requests wait for a connection to the backend");
        }
        async::Waiter waiter(loop());
        const WaitingPlace place(connections.waiting, waiter);
        if (co_await waiter.until(until) != 0) {
            co_return fail(Code::BackendOverloaded,
                           "no connection to the backend became free in time");
        }
    }
    const Opening opening(connections);
    auto connected = co_await owner_.connect(origin, until);
    if (!connected) { co_return std::unexpected(std::move(connected).error()); }
    connections.open.push_back(
        std::make_unique<Http2ClientConnection>(*this, origin, *std::move(connected)));
    Http2ClientConnection& made = *connections.open.back();
    made.start();
    co_return &made;
}

Task<Result<std::unique_ptr<ClientAnswer>>> Http2Pool::call(const Origin& origin,
                                                            const OutgoingRequest& request,
                                                            CallTimeouts timeouts) {
    const std::optional<std::string_view> whole = whole_body(request);
    const async::Deadline connect_until = loop().after(std::min(timeouts.connect, timeouts.answer));
    for (std::size_t tries = 0;; ++tries) {
        const std::size_t opened_before = owner_.counts.opened;
        auto found = co_await connection(origin, connect_until);
        if (!found) {
            found.error().retryable = true;
            co_return std::unexpected(std::move(found).error());
        }
        Http2ClientConnection* const on = *found;
        const bool reused = owner_.counts.opened == opened_before;
        std::string address = on->address_text();
        Pending call(loop(), std::make_unique<Http2Call>(loop(), options(), timeouts));
        if (!call->begin(on->frames(), origin, request, whole)) {
            co_return fail(Code::MappingFailed, "the request to the backend is not valid HTTP",
                           "a mapped method, path or field value holds a forbidden character");
        }
        Status done = co_await call->head();
        if (done) {
            auto answer = std::make_unique<Http2Answer>(loop(), call.take());
            answer->address_text = std::move(address);
            answer->reused_connection = reused;
            co_return answer;
        }
        if (!call->untouched() || !whole || tries + 1 >= kTries) {
            done.error().retryable = whole && (call->untouched() || is_reset(done.error()));
            co_return std::unexpected(std::move(done).error());
        }
        ++owner_.counts.retried;
    }
}

}  // namespace lintel::http
