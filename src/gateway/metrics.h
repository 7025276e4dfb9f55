// Numbers for operators. Every worker counts in its own slab, by ids that were given out at
// publish; a scrape sums the slabs and writes the Prometheus text format. No request formats or
// looks up a label.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/flat_index.h"
#include "gateway/phase.h"
#include "http/connection_limits.h"

namespace lintel::gateway {

/// Labels of one route: no credential, path or address is ever one.
struct SeriesLabels {
    std::string environment;
    std::string service;
    std::string api;
    std::string method;

    auto operator<=>(const SeriesLabels&) const = default;
};

/// Gives out Route::metrics_id. The same labels get the same id for the life of the process, so
/// counters go on over publishes. Thread-safe; asked at publish and scrape only.
class MetricsRegistry {
public:
    /// Requests that reached no route.
    static constexpr std::uint32_t kNoRoute = 0;
    /// Routes beyond kMaxSeries share this one, labelled "other".
    static constexpr std::uint32_t kOther = 1;
    static constexpr std::uint32_t kMaxSeries = 1U << 17;

    MetricsRegistry();
    std::uint32_t series(SeriesLabels labels);
    std::vector<SeriesLabels> all() const;
    std::size_t size() const;
    SeriesLabels labels(std::uint32_t id) const;
    /// How many routes were put into "other".
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    std::uint32_t add(SeriesLabels labels);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::uint32_t> ids_;
    std::vector<SeriesLabels> labels_;
    std::atomic<std::uint64_t> dropped_{0};
};

/// Upper bounds of the buckets of durations, in microseconds.
inline constexpr auto kDurationBoundsUs = std::to_array<std::uint64_t>({
    250,
    500,
    1'000,
    2'500,
    5'000,
    10'000,
    25'000,
    50'000,
    100'000,
    250'000,
    500'000,
    1'000'000,
    2'500'000,
    5'000'000,
    10'000'000,
});

/// A number that one thread raises and others read.
class Tally {
public:
    void raise(std::uint64_t by = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
    void lower() {
        value_.store(value_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// What one request adds.
struct RequestSample {
    int status = 0;
    std::optional<Code> refusal = {};
    std::uint64_t total_us = 0;
    std::optional<std::uint64_t> backend_us = {};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
};

/// The calls of one route on one worker. Written by its thread, read by scrapes. What nearly every
/// call touches (the sums, the first outcomes; one bucket or two beside each other) lies in two
/// cache lines.
struct alignas(64) MetricsSeries {
    static constexpr std::size_t kOutcomes = 24;
    /// One status and refusal; `key` 0 = not used yet.
    struct Outcome {
        std::atomic<std::uint32_t> key{0};
        Tally count;
    };
    /// Calls that took as long, as a whole and in the backend.
    struct Bucket {
        Tally total;
        Tally backend;
    };

    MetricsSeries(std::uint32_t of, const MetricsSeries* made_before)
        : id(of), before(made_before) {}

    void add(const RequestSample& sample);
    std::uint64_t calls() const;
    /// Asks for the memory that adding to it takes.
    void prefetch() const;

    static std::uint32_t key_of(int status, std::optional<Code> refusal);
    static int status_of(std::uint32_t key) { return static_cast<int>(key >> 16); }
    static std::optional<Code> refusal_of(std::uint32_t key);

    Tally bytes_in;
    Tally bytes_out;
    Tally total_us;
    Tally backend_us;
    std::array<Outcome, kOutcomes> outcomes;
    Tally further_outcomes;  ///< when all places are taken
    const std::uint32_t id;
    const MetricsSeries* const before;  ///< of the same worker; null: this was the first
    alignas(64) std::array<Bucket, kDurationBoundsUs.size() + 1> durations;
};

/// Counters of one worker. Written by its thread, read by scrapes.
class MetricsSlab {
public:
    struct PhaseTime {
        Tally count;
        Tally sum_us;
    };

    MetricsSlab() = default;
    MetricsSlab(const MetricsSlab&) = delete;
    MetricsSlab& operator=(const MetricsSlab&) = delete;

    /// For the thread of the worker. It is made when it is first asked for, beside the others in
    /// use: of 100,000 routes those that are called lie together, and an idle gateway pays for
    /// none.
    MetricsSeries& series(std::uint32_t id);
    /// All there are, for any thread: the last one made, which leads to those before it.
    const MetricsSeries* newest() const { return newest_.load(std::memory_order_acquire); }

    std::array<PhaseTime, kPhaseCount> phases;
    Tally in_flight;

private:
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t id = 0;  ///< here, too: the series itself is not at hand yet
        MetricsSeries* series = nullptr;
    };

    std::deque<MetricsSeries> made_;
    FlatIndex<Slot> by_id_;
    std::atomic<const MetricsSeries*> newest_{nullptr};
};

/// Numbers that are not counted by workers.
struct GatewayFacts {
    std::string_view version;
    std::int64_t revision = 0;
    std::uint64_t installs = 0;
    double installed_at_s = 0;  ///< Unix time of the last install
    std::uint64_t log_dropped = 0;
    http::ConnectionLimits::Counts connections = {};
};

/// The text of a scrape.
std::string metrics_text(const MetricsRegistry& registry, std::span<const MetricsSlab* const> slabs,
                         const GatewayFacts& facts);

}  // namespace lintel::gateway
