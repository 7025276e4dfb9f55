// Names to addresses, off the workers: one thread runs c-ares, answers are cached by their TTL and
// the last good one serves for up to five minutes while the name server is silent.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/loop.h"
#include "base/ip_address.h"

namespace lintel::async {

using Addresses = std::shared_ptr<const std::vector<IpAddress>>;

/// One per process. Thread-safe. Posts to the loops that ask, so it is destroyed after those loops
/// stopped turning and before they are destroyed.
class Resolver {
public:
    struct Options {
        std::chrono::milliseconds ttl_floor{1000};
        std::chrono::milliseconds ttl_ceiling{300'000};
        std::chrono::milliseconds keep_last_good{300'000};
        std::size_t max_names = 10'000;
        /// Instead of the system's servers: "127.0.0.1:5353" (tests).
        std::string servers = {};
    };
    static Result<std::unique_ptr<Resolver>> open(Options options);
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    ~Resolver();

    /// Literal addresses (also in brackets), "localhost" and "*.localhost" are answered at once;
    /// names from the cache or by asking. Fails with Code::BackendResolve (or BackendTimeout at the
    /// deadline).
    Task<Result<Addresses>> resolve(Loop& loop, std::string name, Deadline deadline);

private:
    class State;
    explicit Resolver(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace lintel::async
