// What a phase decides: go on, or refuse with a reason that can be explained.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lintel::gateway {

/// Why a request was refused. Lives in the exchange (Exchange::refuse); all views point into its
/// arena or static text.
struct Refusal {
    Code code = Code::Internal;
    /// For the caller: specific, no secrets; empty = the title of the code.
    std::string_view detail = {};
    /// For the owner (trace, log): what exactly was wrong, e.g. "unknown key".
    std::string_view reason = {};
    /// Which rule decided, e.g. "pets/createPet auth=hmac", "ip_access deny 10.0.0.0/8".
    std::string_view rule = {};
    std::string_view expected = {};              ///< e.g. the string to sign
    std::string_view got = {};                   ///< masked where it could hold a secret
    std::string_view www_authenticate = {};      ///< challenge of a 401
    std::string_view allow = {};                 ///< methods of a 405
    std::string_view location = {};              ///< of a 308
    std::uint32_t retry_after_s = 0;             ///< of a 429 or 503; 0 = none
    const std::vector<Fault>* faults = nullptr;  ///< every fault of a 400; owned by the exchange
};

/// Result of a phase or policy: proceed, or the refusal.
class [[nodiscard]] Verdict {
public:
    static Verdict proceed() { return {nullptr, true}; }
    static Verdict refuse(const Refusal& refusal) { return {&refusal, true}; }
    /// Proceed, of a phase that nothing is configured for: not worth a look at the clock.
    static Verdict nothing_to_do() { return {nullptr, false}; }
    bool proceeds() const { return refusal_ == nullptr; }
    bool took_time() const { return took_time_; }
    const Refusal* refusal() const { return refusal_; }

private:
    Verdict(const Refusal* refusal, bool took_time) : refusal_(refusal), took_time_(took_time) {}
    const Refusal* refusal_;
    bool took_time_;
};

}  // namespace lintel::gateway
