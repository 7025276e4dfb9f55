// The phases of a request, one function each, in the order they run (pipeline.cc). A phase that
// cannot wait is a plain function. What it decides is the verdict; what it learnt is in the
// exchange.
#pragma once

#include <coroutine>
#include <utility>

#include "async/task.h"
#include "gateway/exchange.h"
#include "gateway/verdict.h"

namespace lintel::gateway {

/// What a phase that may wait gives: the verdict at once, which costs no coroutine, or a task.
/// Awaited once.
class [[nodiscard]] Step {
public:
    Step(Verdict verdict) : verdict_(verdict) {}  // NOLINT(google-explicit-constructor)
    Step(Task<Verdict> task)                      // NOLINT(google-explicit-constructor)
        : verdict_(Verdict::proceed()), task_(std::move(task)) {}

    bool await_ready() const { return task_.empty(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) {
        return task_.operator co_await().await_suspend(waiting);
    }
    Verdict await_resume() { return task_.empty() ? verdict_ : task_.take(); }

private:
    Verdict verdict_;
    Task<Verdict> task_;
};

/// Names the request, finds who calls from where, and refuses when the gateway has too much to do.
Verdict accept(Exchange& exchange);
/// Finds the one canonical path and host, or says what is not acceptable.
Verdict parse(Exchange& exchange);
/// Host, path and method to a route; refuses what is not served or not by this protocol.
Verdict match(Exchange& exchange);
/// Policies that look at where a request comes from.
Verdict access(Exchange& exchange);
/// Who calls: fills Exchange::principal.
Step authenticate(Exchange& exchange);
/// Whether the one who calls may call this api; then policies that look at who calls with what.
/// Only verified callers come here.
Verdict authorize(Exchange& exchange);
/// Policies that count.
Verdict limit(Exchange& exchange);
/// Parameters and body against the contract of the api.
Step validate(Exchange& exchange);
/// The request as the backend will see it.
Step transform(Exchange& exchange);
/// Policies that keep calls from the backend; then its answer.
Step call_backend(Exchange& exchange);
/// Refusals become answers; policies see the answer; ids and limits are added to it.
void transform_response(Exchange& exchange);
/// Sends the answer. What goes wrong here can only be logged (Exchange::send_failure).
Task<void> send(Exchange& exchange);
/// Access log and metrics: always, once.
void log(Exchange& exchange);

}  // namespace lintel::gateway
