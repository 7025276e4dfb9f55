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
    std::uint32_t series = MetricsRegistry::kNoRoute;
    int status = 0;
    std::optional<Code> refusal = {};
    std::uint64_t total_us = 0;
    std::optional<std::uint64_t> backend_us = {};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
};

/// Counters of one worker. Written by its thread, read by scrapes.
class MetricsSlab {
public:
    /// One status and refusal of one series; `key` 0 = not used yet.
    struct Outcome {
        std::atomic<std::uint32_t> key{0};
        Tally count;
    };
    /// Calls that took as long, as a whole and in the backend.
    struct Bucket {
        Tally total;
        Tally backend;
    };
    /// What nearly every call touches (the sums, the first outcomes; one bucket or two beside each
    /// other) lies in two cache lines.
    struct alignas(64) Series {
        static constexpr std::size_t kOutcomes = 24;
        Tally bytes_in;
        Tally bytes_out;
        Tally total_us;
        Tally backend_us;
        std::array<Outcome, kOutcomes> outcomes;
        Tally further_outcomes;  ///< when all places are taken
        alignas(64) std::array<Bucket, kDurationBoundsUs.size() + 1> durations;

        std::uint64_t calls() const;
    };
    struct PhaseTime {
        Tally count;
        Tally sum_us;
    };

    MetricsSlab();
    MetricsSlab(const MetricsSlab&) = delete;
    MetricsSlab& operator=(const MetricsSlab&) = delete;

    void record(const RequestSample& sample);
    /// Asks for the memory of a series that is about to be recorded.
    void prefetch(std::uint32_t id) const;
    /// Null when the series was never used on this worker.
    const Series* series(std::uint32_t id) const;

    std::array<PhaseTime, kPhaseCount> phases;
    Tally in_flight;

    static std::uint32_t key_of(int status, std::optional<Code> refusal);
    static int status_of(std::uint32_t key) { return static_cast<int>(key >> 16); }
    static std::optional<Code> refusal_of(std::uint32_t key);

private:
    // A series is made when it is first used, beside the others in use: of 100,000 routes those
    // that are called lie together, and an idle gateway pays for none.
    static constexpr std::uint32_t kLeafSize = 256;
    using Leaf = std::array<std::atomic<Series*>, kLeafSize>;

    Series& touch(std::uint32_t id);
    [[gnu::noinline]] Series& make(std::uint32_t id);
    Series* find(std::uint32_t id) const;

    std::deque<Series> made_;
    std::deque<Leaf> leaves_;
    std::vector<std::atomic<Leaf*>> index_;  ///< by id / kLeafSize
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
