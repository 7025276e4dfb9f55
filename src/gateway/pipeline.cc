#include "gateway/pipeline.h"

#include <optional>
#include <utility>

#include "gateway/phases/phases.h"
#include "gateway/reserved_endpoint.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

/// Notes how the phase ended; true when the request goes on.
bool passed(Exchange& exchange, Phase phase, Verdict verdict) {
    const bool proceeds = verdict.proceeds();
    exchange.trace.end(
        phase, proceeds ? PhaseOutcome::Passed : PhaseOutcome::Refused,
        verdict.took_time() ? exchange.worker.loop().precise_us() : exchange.trace.mark_us);
    if (!proceeds) {
        exchange.refusal = verdict.refusal();
        exchange.trace.refused_at = phase;
    }
    return proceeds;
}

/// A phase that cannot refuse.
void ended(Exchange& exchange, Phase phase) {
    exchange.trace.end(phase, PhaseOutcome::Passed, exchange.worker.loop().precise_us());
}

// What few exchanges do is not inlined: its frame would be part of that of each.

/// "/-/..." addresses: the gateway itself answers where an api would authenticate.
[[gnu::noinline]] Task<void> answer_reserved(Exchange& ex) {
    passed(ex, Phase::Authenticate, co_await ex.reserved->answer(ex));
}

/// From the client to the backend. Leaves at the first phase that refuses.
Task<void> request_half(Exchange& ex) {
    if (!passed(ex, Phase::Accept, accept(ex))) { co_return; }
    if (!passed(ex, Phase::Parse, parse(ex))) { co_return; }
    if (!passed(ex, Phase::Match, match(ex))) { co_return; }
    if (!passed(ex, Phase::Access, access(ex))) { co_return; }
    if (ex.reserved != nullptr) { co_return co_await answer_reserved(ex); }
    if (!passed(ex, Phase::Authenticate, co_await authenticate(ex))) { co_return; }
    if (!passed(ex, Phase::Authorize, authorize(ex))) { co_return; }
    if (!passed(ex, Phase::Limit, limit(ex))) { co_return; }
    if (!passed(ex, Phase::Validate, co_await validate(ex))) { co_return; }
    if (!passed(ex, Phase::Transform, co_await transform(ex))) { co_return; }
    passed(ex, Phase::Backend, co_await call_backend(ex));
}

/// The answer broke before its first byte: its stream failed at once, or its head does not fit.
bool may_be_replaced(const Exchange& ex) {
    return ex.send_failure && *ex.send_failure != Code::ClientClosed && ex.refusal == nullptr &&
           !ex.inbound.answer_started();
}

/// The caller learns why instead of being cut off.
[[gnu::noinline]] Task<void> send_refusal_instead(Exchange& ex) {
    const Verdict verdict =
        ex.refuse({.code = *std::exchange(ex.send_failure, std::nullopt),
                   .reason = "the answer failed before its first byte could be passed on"});
    ex.refusal = verdict.refusal();
    ex.trace.refused_at = Phase::Send;
    transform_response(ex);
    co_await send(ex);
}

bool may_be_converted(const Exchange& ex) {
    return ex.refusal == nullptr && ex.conversion != nullptr;
}

/// Back to the client. Runs for answers and refusals alike.
Task<void> response_half(Exchange& ex) {
    if (ex.series != nullptr) { ex.series->prefetch(); }
    if (may_be_converted(ex)) { co_await ex.conversion->read_code(ex); }
    transform_response(ex);
    ended(ex, Phase::TransformResponse);
    co_await send(ex);
    if (may_be_replaced(ex)) { co_await send_refusal_instead(ex); }
    ended(ex, Phase::Send);
    log(ex);
}

}  // namespace

Task<void> serve(Exchange& ex) {
    ex.trace.begin(ex.inbound.started_us);
    co_await request_half(ex);
    co_await response_half(ex);
}

}  // namespace lintel::gateway
