#include "gateway/upstream/upstream_settings.h"

#include <array>
#include <utility>

#include "gateway/canonical_path.h"

namespace lintel::gateway {
namespace {

using data::Json;
using std::chrono::milliseconds;

constexpr std::uint32_t kDefaultBreakerPercent = 50;
constexpr auto kAlgorithms = std::to_array<std::pair<std::string_view, Algorithm>>({
    {"round_robin", Algorithm::RoundRobin},
    {"least_requests", Algorithm::LeastRequests},
    {"source_hash", Algorithm::SourceHash},
    {"header_hash", Algorithm::HeaderHash},
    {"uri_hash", Algorithm::UriHash},
});

std::unexpected<Error> bad_setting(std::string pointer, std::string code, std::string detail) {
    return fail(Error{.code = Code::FieldInvalid,
                      .message = "the settings of the upstream are not usable",
                      .faults = {{std::move(pointer), std::move(code), std::move(detail)}}});
}

/// The part of that name, an empty one when it is left out.
const Json& part(const Json& settings, std::string_view name) {
    static const Json kNothing = Json::object();
    const Json* found = data::find(settings, name);
    return found == nullptr ? kNothing : *found;
}

template <typename Number>
Number number(const Json& config, std::string_view name, Number otherwise) {
    const Json* found = data::find(config, name);
    return found == nullptr ? otherwise : found->get<Number>();
}

milliseconds time(const Json& config, std::string_view name, milliseconds otherwise) {
    return milliseconds(number<std::int64_t>(config, name, otherwise.count()));
}

std::string text(const Json& config, std::string_view name, std::string_view otherwise) {
    const std::string_view found = data::find_string(config, name);
    return std::string(found.empty() ? otherwise : found);
}

Algorithm algorithm_of(const Json& settings) {
    const std::string_view name = data::find_string(settings, "algorithm");
    for (const auto& [candidate, algorithm] : kAlgorithms) {
        if (candidate == name) { return algorithm; }
    }
    return Algorithm::RoundRobin;
}

/// Puts a bad_setting of a part behind the part's pointer.
template <typename Value>
Result<Value> inside(std::string_view pointer, Result<Value> read) {
    if (read) { return read; }
    for (Fault& bad_setting : read.error().faults) {
        bad_setting.pointer.insert(0, pointer);
    }
    return read;
}

Result<PassiveSettings> read_passive(const Json& config) {
    PassiveSettings read;
    read.failures = number(config, "failures", read.failures);
    read.window = time(config, "window_ms", read.window);
    read.ejection = time(config, "ejection_ms", read.ejection);
    read.max_ejection = time(config, "max_ejection_ms", read.max_ejection);
    read.max_ejected_percent = number(config, "max_ejected_percent", read.max_ejected_percent);
    ASSIGN_OR_RETURN(read.statuses, read_statuses(config, "statuses", {"502-504"}));
    if (read.max_ejection < read.ejection) {
        return bad_setting("/max_ejection_ms", "field.range", "must not be less than ejection_ms");
    }
    return read;
}

Status read_target(const Json& config, ActiveCheck& check) {
    const std::string target = text(config, "path", "/");
    const std::size_t mark = target.find('?');
    Arena arena;
    const auto path = canonical_path(std::string_view(target).substr(0, mark), arena);
    if (!path) {
        return bad_setting("/path", "field.path", "the path " + std::string(path.error()));
    }
    check.path = path->path;
    if (mark != std::string::npos) { check.query = target.substr(mark + 1); }
    return {};
}

Result<ActiveCheck> read_active(const Json& config) {
    ActiveCheck read;
    const bool tcp = data::find_string(config, "type") == "tcp";
    read.type = tcp ? ActiveCheck::Type::Tcp : ActiveCheck::Type::Http;
    read.method = text(config, "method", read.method);
    read.host = text(config, "host", "");
    RETURN_IF_ERROR(read_target(config, read));
    ASSIGN_OR_RETURN(read.statuses, read_statuses(config, "statuses", {"200-399"}));
    read.interval = time(config, "interval_ms", read.interval);
    read.timeout = time(config, "timeout_ms", read.timeout);
    read.thresholds.healthy = number(config, "healthy_threshold", read.thresholds.healthy);
    read.thresholds.unhealthy = number(config, "unhealthy_threshold", read.thresholds.unhealthy);
    return read;
}

}  // namespace

http::Version read_http_version(const Json& config) {
    return data::find_string(config, "http_version") == "2" ? http::Version::Http2
                                                            : http::Version::Http11;
}

Result<StatusSet> read_statuses(const Json& config, std::string_view name,
                                const std::vector<std::string>& otherwise) {
    const Json* given = data::find(config, name);
    const auto texts = given == nullptr ? otherwise : given->get<std::vector<std::string>>();
    const auto set = StatusSet::parse(texts);
    if (set) { return *set; }
    return bad_setting("/" + std::string(name), "field.statuses",
                       "must list statuses from 100 to 599 or ranges of them, such as \"404\" and "
                       "\"500-599\"");
}

Result<BreakerSettings> read_breaker(const Json& config) {
    BreakerSettings read;
    read.failures = number(config, "failures", read.failures);
    read.percent = number(config, "percent", read.failures == 0 ? kDefaultBreakerPercent : 0);
    read.min_calls = number(config, "min_calls", read.min_calls);
    read.window = time(config, "window_ms", read.window);
    read.open_for = time(config, "open_ms", read.open_for);
    read.trials = number(config, "trials", read.trials);
    ASSIGN_OR_RETURN(read.statuses, read_statuses(config, "statuses", {"500-599"}));
    return read;
}

http::PoolLimits read_pool_limits(const Json& settings) {
    const Json& config = part(settings, "connections");
    http::PoolLimits read;
    read.connections = number(config, "max", read.connections);
    read.waiting = number(config, "max_pending", read.waiting);
    read.idle = number(config, "max_idle", read.idle);
    read.idle_timeout = time(config, "idle_timeout_ms", read.idle_timeout);
    return read;
}

Status read_upstream_settings(const Json& settings, Upstream& upstream) {
    upstream.algorithm = algorithm_of(settings);
    upstream.hash_header = text(settings, "hash_header", "");
    if (upstream.algorithm == Algorithm::HeaderHash && upstream.hash_header.empty()) {
        return bad_setting("/hash_header", "field.required", "is required with header_hash");
    }
    upstream.slow_start = time(settings, "slow_start_ms", upstream.slow_start);
    upstream.connect_timeout = time(settings, "connect_timeout_ms", upstream.connect_timeout);
    upstream.version = read_http_version(settings);
    const Json& budget = part(settings, "retry_budget");
    upstream.budget.percent = number(budget, "percent", upstream.budget.percent);
    upstream.budget.min_per_second =
        number(budget, "min_per_second", upstream.budget.min_per_second);
    const Json& health = part(settings, "health");
    ASSIGN_OR_RETURN(upstream.passive,
                     inside("/health/passive", read_passive(part(health, "passive"))));
    if (const Json* active = data::find(health, "active")) {
        ASSIGN_OR_RETURN(upstream.active, inside("/health/active", read_active(*active)));
    }
    if (const Json* breaker = data::find(settings, "breaker")) {
        ASSIGN_OR_RETURN(upstream.breaker, inside("/breaker", read_breaker(*breaker)));
    }
    return {};
}

}  // namespace lintel::gateway
