// An api with a backend of its own.
#include "async/task.h"
#include "backends/http/calls.h"
#include "backends/http/judgement.h"
#include "backends/http/outgoing.h"
#include "gateway/worker.h"

namespace lintel::backends {
namespace {

using gateway::Exchange;
using gateway::Verdict;
using std::chrono::milliseconds;

constexpr milliseconds kConnectTimeout{3000};
/// There is no other server to try, so a few retries a second are enough for a connection that was
/// closed at the wrong moment.
constexpr gateway::RetryBudgetSettings kBudget{.percent = 0, .min_per_second = 10};

/// One origin and how to ask it. Immutable; shared by all workers, whose pools hold the
/// connections.
class CallsOrigin final : public gateway::Backend {
public:
    CallsOrigin(CallSettings settings, OwnOrigin to)
        : to_(std::move(to)), settings_(std::move(settings)) {}

    Task<Verdict> call(Exchange& exchange) const override {
        const async::Loop& loop = exchange.worker.loop();
        const std::uint64_t begun_us = loop.now_us();
        const Outgoing outgoing(exchange, settings_.host_header, settings_.websocket);
        milliseconds left = settings_.timeout;
        std::optional<CallResult> result;
        do {
            gateway::BreakerPass pass;
            if (to_.breaker) {
                const auto admission = to_.state->breaker.admit(*to_.breaker, loop.now_ms());
                if (!admission.admitted) {
                    if (result) { break; }  // it opened meanwhile: what is known says more
                    co_return refuse_open(exchange, admission, to_.origin->key);
                }
                pass.begin(to_.state->breaker, admission);
            }
            ++exchange.backend_tries;
            result.reset();  // or its connection would stand in the way of the next
            result =
                co_await exchange.worker.clients().call(*to_.origin, outgoing.request(),
                                                        {.connect = std::min(kConnectTimeout, left),
                                                         .answer = left,
                                                         .body_idle = settings_.timeout,
                                                         .stream_idle = settings_.stream_idle});
            if (to_.breaker) { record(*result, pass, loop.now_ms()); }
            if (!may_be_repeated(*result, outgoing, settings_.retry)) { break; }
            left = settings_.timeout - milliseconds((loop.now_us() - begun_us) / 1000);
        } while (left.count() > 0 && may_try_again(exchange, outgoing));
        if (!*result) { co_return refuse(exchange, result->error()); }
        take_answer(exchange, **std::move(result));
        co_return Verdict::proceed();
    }

    /// A breaker is that of one api.
    bool is_shareable() const override { return to_.breaker == nullptr; }

private:
    bool may_try_again(const Exchange& exchange, const Outgoing& outgoing) const {
        return exchange.backend_tries <= settings_.retry.allowed(outgoing.request().method) &&
               to_.state->budget.take(kBudget, exchange.worker.loop().now_ms());
    }

    void record(const CallResult& result, gateway::BreakerPass& pass, std::uint64_t now_ms) const {
        if (const auto failed = failed_for_breaker(result, *to_.breaker)) {
            pass.end(*to_.breaker, *failed, now_ms);
        }
    }

    Verdict refuse(Exchange& exchange, const Error& error) const {
        return exchange.refuse({.code = error.code,
                                .detail = error.message,
                                .reason = error.cause,
                                .rule = to_.origin->key});
    }

    OwnOrigin to_;
    CallSettings settings_;
};

}  // namespace

std::unique_ptr<const gateway::Backend> calls_origin(CallSettings settings, OwnOrigin to) {
    return std::make_unique<const CallsOrigin>(std::move(settings), std::move(to));
}

}  // namespace lintel::backends
