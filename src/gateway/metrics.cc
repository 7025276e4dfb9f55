#include "gateway/metrics.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/mix.h"
#include "base/prefetch.h"

namespace lintel::gateway {
namespace {

std::string key_of_labels(const SeriesLabels& labels) {
    return fmt::format("{}\n{}\n{}\n{}", labels.environment, labels.service, labels.api,
                       labels.method);
}

std::size_t bucket_of(std::uint64_t us) {
    const auto at = std::ranges::lower_bound(kDurationBoundsUs, us) - kDurationBoundsUs.begin();
    return static_cast<std::size_t>(at);
}

}  // namespace

MetricsRegistry::MetricsRegistry() {
    add({});
    add({.environment = "other", .service = "other", .api = "other", .method = "other"});
}

std::uint32_t MetricsRegistry::add(SeriesLabels labels) {
    const auto id = static_cast<std::uint32_t>(labels_.size());
    ids_.emplace(key_of_labels(labels), id);
    labels_.push_back(std::move(labels));
    return id;
}

std::uint32_t MetricsRegistry::series(SeriesLabels labels) {
    const std::scoped_lock lock(mutex_);
    if (const auto known = ids_.find(key_of_labels(labels)); known != ids_.end()) {
        return known->second;
    }
    if (labels_.size() < kMaxSeries) { return add(std::move(labels)); }
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return kOther;
}

std::vector<SeriesLabels> MetricsRegistry::all() const {
    const std::scoped_lock lock(mutex_);
    return labels_;
}

std::size_t MetricsRegistry::size() const {
    const std::scoped_lock lock(mutex_);
    return labels_.size();
}

SeriesLabels MetricsRegistry::labels(std::uint32_t id) const {
    const std::scoped_lock lock(mutex_);
    return labels_.at(id);
}

std::uint32_t MetricsSeries::key_of(int status, std::optional<Code> refusal) {
    const std::uint32_t code = refusal ? static_cast<std::uint32_t>(*refusal) + 1 : 0;
    return (static_cast<std::uint32_t>(status) << 16) | code;
}

std::optional<Code> MetricsSeries::refusal_of(std::uint32_t key) {
    const std::uint32_t code = key & 0xFFFF;
    if (code == 0) { return std::nullopt; }
    return static_cast<Code>(code - 1);
}

std::uint64_t MetricsSeries::calls() const {
    std::uint64_t calls = further_outcomes.value();
    for (const Outcome& outcome : outcomes) {
        calls += outcome.count.value();
    }
    return calls;
}

void MetricsSeries::prefetch() const {
    lintel::prefetch(this);
    lintel::prefetch(&durations);
}

void MetricsSeries::add(const RequestSample& sample) {
    const std::uint32_t key = key_of(sample.status, sample.refusal);
    const auto place = std::ranges::find_if(outcomes, [key](const Outcome& outcome) {
        const std::uint32_t have = outcome.key.load(std::memory_order_relaxed);
        return have == key || have == 0;
    });
    if (place == outcomes.end()) {
        further_outcomes.raise();
    } else {
        place->key.store(key, std::memory_order_release);
        place->count.raise();
    }
    total_us.raise(sample.total_us);
    durations[bucket_of(sample.total_us)].total.raise();
    if (sample.backend_us) {
        backend_us.raise(*sample.backend_us);
        durations[bucket_of(*sample.backend_us)].backend.raise();
    }
    bytes_in.raise(sample.bytes_in);
    bytes_out.raise(sample.bytes_out);
}

MetricsSeries& MetricsSlab::series(std::uint32_t id) {
    const auto is_it = [id](const Slot& slot) { return slot.id == id; };
    const std::size_t hash = mix(id);
    if (const Slot* known = by_id_.find(hash, is_it)) { return *known->series; }
    MetricsSeries& made = made_.emplace_back(id, newest_.load(std::memory_order_relaxed));
    by_id_.add(hash, {.id = id, .series = &made});
    newest_.store(&made, std::memory_order_release);
    return made;
}

}  // namespace lintel::gateway
