#include "gateway/access_log.h"
#include "gateway/phases/phases.h"
#include "gateway/snapshot.h"
#include "gateway/worker.h"

namespace lintel::gateway {
namespace {

/// Why the request did not end well: refused by a phase, or not delivered.
std::optional<Code> failure_of(const Exchange& exchange) {
    if (exchange.send_failure) { return exchange.send_failure; }
    if (exchange.refusal != nullptr) { return exchange.refusal->code; }
    return std::nullopt;
}

/// The status the client read, or what it would have read.
int status_of(const Exchange& exchange) {
    const bool unanswered = exchange.send_failure && !exchange.inbound.answer_started();
    return unanswered ? info(*exchange.send_failure).status : exchange.response.status;
}

void count(Exchange& exchange, std::uint64_t total_us) {
    MetricsSlab& metrics = exchange.worker.metrics();
    RequestSample sample{
        .status = status_of(exchange),
        .refusal = failure_of(exchange),
        .total_us = total_us,
        .bytes_in = exchange.inbound.received_bytes,
        .bytes_out = exchange.inbound.sent_bytes,
    };
    if (exchange.trace.ended(Phase::Backend)) {
        sample.backend_us = exchange.trace.took(Phase::Backend);
    }
    MetricsSeries* const series = exchange.series;
    (series != nullptr ? *series : metrics.series(MetricsRegistry::kNoRoute)).add(sample);
    for (std::size_t i = 0; i < kPhaseCount; ++i) {
        if (exchange.trace.outcome[i] == PhaseOutcome::Skipped) { continue; }
        metrics.phases[i].count.raise();
        metrics.phases[i].sum_us.raise(exchange.trace.took_us[i]);
    }
}

void fill_texts(AccessRecord& record, const Exchange& exchange) {
    auto& texts = record.texts;
    texts[AccessRecord::RequestId] = exchange.request_id;
    texts[AccessRecord::CorrelationId] = exchange.correlation_id;
    texts[AccessRecord::Method] = exchange.inbound.head.method;
    texts[AccessRecord::Host] = exchange.host.empty() ? exchange.inbound.head.host : exchange.host;
    texts[AccessRecord::Path] = exchange.path.empty() ? exchange.raw_path : exchange.path;
    texts[AccessRecord::Query] = exchange.raw_query;
    texts[AccessRecord::HiddenQueryName] = exchange.hidden_query_name;
    texts[AccessRecord::AuthMethod] = exchange.principal.method;
    texts[AccessRecord::BackendAddress] = exchange.backend_address;
    texts[AccessRecord::Upstream] = exchange.upstream;
    texts[AccessRecord::UpstreamServer] = exchange.upstream_server;
    if (exchange.service != nullptr) {
        texts[AccessRecord::Environment] = exchange.service->environment;
        texts[AccessRecord::Service] = exchange.service->code;
    }
    if (exchange.route != nullptr) { texts[AccessRecord::Api] = exchange.route->names.api_name; }
    if (const Credential* credential = exchange.principal.credential) {
        texts[AccessRecord::CredentialId] = credential->id;
        texts[AccessRecord::CredentialName] = credential->name;
    }
    if (exchange.refusal != nullptr) { texts[AccessRecord::Reason] = exchange.refusal->reason; }
}

void write_record(Exchange& exchange, std::uint64_t total_us) {
    Worker& worker = exchange.worker;
    if (worker.log_writer() == nullptr) { return; }
    const std::optional<Code> failure = failure_of(exchange);
    const bool sending_failed = exchange.send_failure && exchange.trace.ended(Phase::Send);
    AccessRecord record{
        .numbers =
            {
                .time = exchange.received_at + static_cast<TimeMs>(total_us / 1000),
                .revision = exchange.snapshot.revision(),
                .release = exchange.service != nullptr ? exchange.service->release : 0,
                .bytes_in = exchange.inbound.received_bytes,
                .bytes_out = exchange.inbound.sent_bytes,
                .total_us = total_us,
                .backend_us = exchange.trace.took(Phase::Backend),
                .client = exchange.client_address,
                .status = status_of(exchange),
                .backend_status = exchange.backend_status,
                .backend_tries = exchange.backend_tries,
                .refused = failure.has_value(),
                .code = failure.value_or(Code::Internal),
                .phase = sending_failed ? Phase::Send : exchange.trace.refused_at,
            },
        .texts = {}};
    fill_texts(record, exchange);
    worker.log().push(record);
    if (worker.log().is_filling()) { worker.log_writer()->wake(); }
}

}  // namespace

void log(Exchange& exchange) {
    exchange.logged = true;
    Trace& trace = exchange.trace;
    trace.end(Phase::Log, PhaseOutcome::Passed, trace.mark_us);
    if (exchange.is_debugged) { return; }
    const std::uint64_t total_us = trace.mark_us - trace.begin_us;
    count(exchange, total_us);
    if (const Credential* credential = exchange.principal.credential) {
        credential->use->note(exchange.principal.pair, exchange.received_at);
    }
    write_record(exchange, total_us);
}

}  // namespace lintel::gateway
