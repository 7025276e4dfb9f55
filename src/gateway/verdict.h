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
    std::uint32_t retry_after_s = 0;             ///< of a 429 or 503; 0 = none
    const std::vector<Fault>* faults = nullptr;  ///< every fault of a 400; owned by the exchange
};

/// Result of a phase or policy: proceed, or the refusal. One pointer wide.
class [[nodiscard]] Verdict {
public:
    static Verdict proceed() { return Verdict(nullptr); }
    static Verdict refuse(const Refusal& refusal) { return Verdict(&refusal); }
    bool proceeds() const { return refusal_ == nullptr; }
    const Refusal* refusal() const { return refusal_; }

private:
    explicit Verdict(const Refusal* refusal) : refusal_(refusal) {}
    const Refusal* refusal_;
};

}  // namespace lintel::gateway
