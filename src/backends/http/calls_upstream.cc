// An api whose backend is an upstream: several servers, of which one that is well is called, and
// another when that fails.
#include <fmt/core.h>

#include "async/task.h"
#include "backends/http/calls.h"
#include "backends/http/judgement.h"
#include "backends/http/outgoing.h"
#include "gateway/worker.h"

namespace lintel::backends {
namespace {

using gateway::Algorithm;
using gateway::Exchange;
using gateway::ServerSet;
using gateway::Upstream;
using gateway::UpstreamServer;
using gateway::Verdict;
using std::chrono::milliseconds;

std::uint64_t hash_of_client(const Exchange& exchange) {
    const auto& bytes = exchange.client_address.bytes();
    return gateway::balancing_key({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::uint64_t key_of(const Upstream& upstream, const Exchange& exchange) {
    switch (upstream.algorithm) {
        case Algorithm::RoundRobin:
        case Algorithm::LeastRequests: return 0;
        case Algorithm::UriHash: return gateway::balancing_key(exchange.backend_request.path);
        case Algorithm::HeaderHash:
            if (const http::Field* field = exchange.request_fields().find(upstream.hash_header)) {
                return gateway::balancing_key(field->value);
            }
            break;
        case Algorithm::SourceHash: break;
    }
    return hash_of_client(exchange);
}

/// The tries of one request. Lives in the frame of the call.
class Tries {
public:
    Tries(Exchange& exchange, const Upstream& upstream, std::uint32_t slot,
          const CallSettings& settings)
        : exchange_(exchange),
          upstream_(upstream),
          balancer_(exchange.worker.balancer(slot)),
          settings_(settings),
          key_(key_of(upstream, exchange)),
          begun_ms_(now_ms()) {
        upstream_.state->budget.count_call(begun_ms_);
    }

    /// The next server to call: one that was not called yet, if there is any. Null when none can
    /// be called.
    const UpstreamServer* next() {
        auto chosen = balancer_.pick(upstream_, key_, tried_, now_ms());
        if (!chosen && tried_.any()) {
            chosen = balancer_.pick(upstream_, key_, ServerSet(), now_ms());
        }
        if (!chosen) { return nullptr; }
        tried_.set(*chosen);
        return &upstream_.servers[*chosen];
    }

    void begin(const UpstreamServer& server) {
        ++exchange_.backend_tries;
        exchange_.upstream_server = server.address;
        exchange_.server_use.begin(*server.state);
    }

    http::CallTimeouts timeouts() const {
        const milliseconds left = settings_.timeout - elapsed();
        return {.connect = std::min(upstream_.connect_timeout, left),
                .answer = left,
                .body_idle = settings_.timeout,
                .stream_idle = settings_.stream_idle};
    }

    bool may_go_on(const CallResult& result, const Outgoing& outgoing) {
        const bool wanted =
            may_be_repeated(result, outgoing, settings_.retry) &&
            exchange_.backend_tries <= settings_.retry.allowed(outgoing.request().method) &&
            elapsed() < settings_.timeout;
        return wanted && upstream_.state->budget.take(upstream_.budget, now_ms());
    }

    /// Tells the breaker and the server how a call ended.
    void note(const CallResult& result, const UpstreamServer& server, gateway::BreakerPass& pass) {
        if (upstream_.breaker) {
            if (const auto failed = failed_for_breaker(result, *upstream_.breaker)) {
                pass.end(*upstream_.breaker, *failed, now_ms());
            }
        }
        const std::string failure = failure_of_server(result, upstream_.passive.statuses);
        if (!failure.empty()) { upstream_.note_failure(server, failure, now_ms()); }
    }

    std::uint64_t now_ms() const { return exchange_.worker.loop().now_ms(); }

private:
    milliseconds elapsed() const { return milliseconds(now_ms() - begun_ms_); }

    Exchange& exchange_;
    const Upstream& upstream_;
    gateway::Balancer& balancer_;
    const CallSettings& settings_;
    std::uint64_t key_;
    std::uint64_t begun_ms_;
    ServerSet tried_;
};

/// Why no server can be called, for the owner.
std::string why_unavailable(const Upstream& upstream, std::uint64_t now_ms) {
    std::size_t idle = 0;
    std::size_t down = 0;
    std::size_t ejected = 0;
    for (const UpstreamServer& server : upstream.servers) {
        if (!server.takes_calls()) {
            ++idle;
        } else if (!server.state->is_up()) {
            ++down;
        } else if (server.state->is_ejected(now_ms)) {
            ++ejected;
        }
    }
    return fmt::format(
        "of {} server(s) {} fail their checks, {} are ejected for failing calls, {} are disabled "
        "or drained",
        upstream.servers.size(), down, ejected, idle);
}

class CallsUpstream final : public gateway::Backend {
public:
    CallsUpstream(CallSettings settings, std::uint32_t slot)
        : settings_(std::move(settings)), slot_(slot) {}

    Task<Verdict> call(Exchange& exchange) const override {
        const Upstream* const upstream = exchange.snapshot.upstreams().at(slot_);
        if (upstream == nullptr) {
            co_return exchange.refuse(Code::BackendUnavailable, "the upstream is gone");
        }
        exchange.upstream = upstream->name;
        const bool websocket = settings_.websocket && upstream->version != http::Version::Http2;
        const Outgoing outgoing(exchange, settings_.host_header, websocket);
        Tries tries(exchange, *upstream, slot_, settings_);
        std::optional<CallResult> result;
        do {
            gateway::BreakerPass pass;
            if (upstream->breaker) {
                gateway::Breaker& breaker = upstream->state->breaker;
                const auto admission = breaker.admit(*upstream->breaker, tries.now_ms());
                if (!admission.admitted) {
                    if (result) { break; }  // it opened meanwhile: what is known says more
                    co_return refuse_open(exchange, admission, upstream->name);
                }
                pass.begin(breaker, admission);
            }
            const UpstreamServer* const server = tries.next();
            if (server == nullptr) { break; }
            tries.begin(*server);
            result.reset();  // or its connection would stand in the way of the next
            result = co_await exchange.worker.clients().call(server->origin, outgoing.request(),
                                                             tries.timeouts());
            tries.note(*result, *server, pass);
        } while (tries.may_go_on(*result, outgoing));
        if (!result) { co_return refuse_unavailable(exchange, *upstream); }
        if (!*result) { co_return refuse(exchange, result->error()); }
        take_answer(exchange, **std::move(result));
        co_return Verdict::proceed();
    }

    bool is_shareable() const override { return true; }

private:
    static Verdict refuse_unavailable(Exchange& exchange, const Upstream& upstream) {
        const std::string why = why_unavailable(upstream, exchange.worker.loop().now_ms());
        return exchange.refuse({.code = Code::BackendUnavailable,
                                .detail = "no server of the upstream can be called",
                                .reason = why,
                                .rule = upstream.name});
    }

    static Verdict refuse(Exchange& exchange, const Error& error) {
        const std::string_view server = exchange.upstream_server;
        return exchange.refuse(
            {.code = error.code,
             .detail = error.message,
             .reason = error.cause,
             .rule = server.empty()
                         ? exchange.upstream
                         : exchange.arena().concat({exchange.upstream, " server ", server})});
    }

    CallSettings settings_;
    std::uint32_t slot_;
};

}  // namespace

std::unique_ptr<const gateway::Backend> calls_upstream(CallSettings settings, std::uint32_t slot) {
    return std::make_unique<const CallsUpstream>(std::move(settings), slot);
}

}  // namespace lintel::backends
