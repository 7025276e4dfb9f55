#include "gateway/debug_call.h"

#include "gateway/exchange.h"
#include "gateway/pipeline.h"
#include "gateway/trace_json.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

/// The request as if a client had sent it; what is sent back is kept.
class DebugInbound final : public http::ServerExchange {
public:
    DebugInbound(const DebugRequest& request, async::Loop& own_loop)
        : body_(std::span(request.body.data(), request.body.size())) {
        peer_.address = request.client;
        peer_.address_text = request.client.to_string();
        peer_.secure = request.secure;
        peer = &peer_;
        loop = &own_loop;
        started_us = own_loop.precise_us();
        head.method = request.method;
        head.target = request.target;
        head.host = request.host;
        head.accepts_trailers = true;
        head.fields.add("Host", request.host);
        for (const auto& [name, value] : request.fields) {
            head.fields.add(name, value);
        }
        if (request.body.empty()) { return; }
        head.framing = http::Framing::of_length(request.body.size());
        body = &body_;
    }

    Task<Status> send(const http::OutgoingResponse& response) override {
        answer = {.status = response.status};
        for (const http::Field& field : response.fields) {
            answer.fields.emplace_back(field.name, field.value);
        }
        if (response.stream == nullptr) {
            keep(response.body);
            co_return Status();
        }
        while (!answer.is_truncated) {
            const Result<std::span<const char>> piece = co_await response.stream->read();
            if (!piece) { co_return std::unexpected(piece.error()); }
            if (piece->empty()) { break; }
            keep({piece->data(), piece->size()});
        }
        for (const http::Field& field : response.stream->trailers()) {
            answer.trailers.emplace_back(field.name, field.value);
        }
        co_return Status();
    }
    bool answer_started() const override { return !answer.body.empty(); }

    DebugAnswer answer;

private:
    void keep(std::string_view piece) {
        const std::size_t room = DebugAnswer::kMaxBody - answer.body.size();
        answer.is_truncated = piece.size() > room;
        answer.body.append(piece.substr(0, room));
    }

    http::Peer peer_;
    http::WholeBody body_;
};

Task<void> serve_and_tell(Exchange& exchange, async::Waiter& ended) {
    co_await serve(exchange);
    ended.wake();
}

}  // namespace

void DebugJob::finish(DebugAnswer answer) {
    const std::scoped_lock lock(mutex_);
    answer_ = std::move(answer);
    snapshot_.reset();
    finished_.notify_all();
}

std::optional<DebugAnswer> DebugJob::await() {
    std::unique_lock lock(mutex_);
    finished_.wait_for(lock, request_.timeout + kPatience, [this] { return answer_.has_value(); });
    return std::exchange(answer_, std::nullopt);
}

Task<void> run_debug_call(Worker& worker, std::shared_ptr<DebugJob> job, async::Waiter& ended) {
    DebugAnswer answer;
    {
        DebugInbound inbound(job->request(), worker.loop());
        Exchange exchange(inbound, worker, job->snapshot());
        exchange.is_debugged = true;
        Task<void> serving = serve_and_tell(exchange, ended);
        serving.start();
        if (co_await ended.until(worker.loop().after(job->request().timeout)) == 0) {
            co_await serving;
        } else {
            serving.reset();
            exchange.trace.cancel(worker.loop().precise_us());
            inbound.answer.is_truncated = inbound.answer.status > 0;
        }
        answer = std::move(inbound.answer);
        answer.trace = trace_json(exchange);
    }
    job->finish(std::move(answer));
}

}  // namespace lintel::gateway
