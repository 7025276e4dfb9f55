#include "management/usage.h"

#include "model/place.h"
#include "store/store.h"

namespace lintel::management {

namespace {

constexpr std::int64_t kMsOfMinute = 60'000;
constexpr std::int64_t kMinutesOfHour = 60;
/// Longer than they are asked for: clocks of processes differ.
constexpr std::int64_t kMinutesKept = 120;

std::int64_t minute_now(const Clock& clock) {
    return clock.now_ms() / kMsOfMinute;
}

store::CallCount count_of(const Usage::ServiceAddress& address) {
    const auto& [environment, service] = address;
    const std::size_t dot = environment.find('.');
    return {.gateway = dot == std::string::npos ? std::string(model::kDefaultGateway)
                                                : environment.substr(dot + 1),
            .service = service,
            .environment = environment.substr(0, dot)};
}

}  // namespace

Status record_usage(store::Store& store, const Clock& clock, const Usage& usage) {
    ASSIGN_OR_RETURN(store::Transaction tx, store.begin());
    for (const auto& [pair, at] : usage.last_used) {
        RETURN_IF_ERROR(tx.usage().note_use(pair.first, pair.second, at));
    }
    const std::int64_t minute = minute_now(clock);
    for (const auto& [address, calls] : usage.calls) {
        store::CallCount count = count_of(address);
        count.minute = minute;
        count.calls = calls;
        RETURN_IF_ERROR(tx.usage().add_calls(count));
    }
    RETURN_IF_ERROR(tx.usage().forget_before(minute - kMinutesKept));
    return tx.commit();
}

Result<std::int64_t> calls_last_hour(store::Transaction& tx, const Clock& clock,
                                     const model::ServiceId& service) {
    return tx.usage().calls_since(service, minute_now(clock) - kMinutesOfHour);
}

}  // namespace lintel::management
