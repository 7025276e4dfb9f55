// How management reaches the data plane without knowing it. The compiler implements this.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/change.h"
#include "model/place.h"
#include "model/service.h"
#include "model/upstream.h"

namespace lintel::management {

/// A release that is about to be stored and run.
struct Candidate {
    const model::Service& service;
    const model::Release& release;
    const model::Environment& environment;
};

/// What a committed transaction changed. The data plane loads the new state itself, with the
/// functions of published.h.
using Change = model::Change;

/// One server of an upstream as the data plane sees it. Times are from now.
struct ServerHealth {
    std::string address = {};
    bool available = true;
    std::optional<bool> passes_checks = {};  ///< none: it is not checked (yet)
    std::string last_check = {};             ///< a sentence; empty: none yet
    std::int64_t last_check_ms_ago = 0;
    std::int64_t ejected_for_ms = 0;  ///< 0: not ejected
    std::int64_t ejections = 0;
    std::string last_failure = {};  ///< of a call, a sentence; empty: none yet
    std::int64_t in_flight = 0;
    std::int64_t calls = 0;
    std::int64_t failures = 0;
};

struct UpstreamHealth {
    bool available = false;
    std::string breaker = {};  ///< "closed", "half_open", "open"; empty: it has none
    std::vector<ServerHealth> servers = {};
};

/// One request to be tried on a release that may not exist: its definition has just the API that is
/// meant.
struct DebugCall {
    const model::Service& service;
    const model::Release& release;
    const model::Environment& environment;
    std::string method = {};
    std::string path = {};   ///< below the service
    std::string query = {};  ///< without "?"
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    model::CredentialId credential = {};  ///< empty: the request goes as it is
    std::string client = {};              ///< the address it comes from
    std::chrono::milliseconds timeout{};
};

struct DebugAnswer {
    std::string target = {};  ///< path and query the gateway was asked for
    int status = 0;           ///< 0: there was none in time
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> trailers = {};  ///< fields behind the body
    bool is_truncated = false;
    data::Json trace = nullptr;  ///< what each phase decided
};

/// Role: the bridge to the data plane. Owner: the app. Called from management threads, several at a
/// time.
class Publisher {
public:
    virtual ~Publisher() = default;

    /// Compiles the candidate without installing it. What cannot compile is never stored: an
    /// error's faults list every reason, with pointers into the release document. Must not write to
    /// the store: a transaction is open.
    virtual Status check(const Candidate& candidate) = 0;
    /// The same for an upstream; pointers lead into its JSON.
    virtual Status check(const model::Upstream& upstream) = 0;

    /// Compiles the release on the side and takes the request through it. Traffic never sees the
    /// release; the request counts nowhere. Waits for the answer.
    virtual Result<DebugAnswer> debug(const DebugCall& call) = 0;

    /// Called after the commit. Makes the data plane take the new state and returns the revision
    /// that serves it, once every worker does.
    virtual std::uint64_t refresh(const Change& change) = 0;

    /// Who shows the certificate to backends: "the service pets".
    virtual std::vector<std::string> users_of(const model::CertificateId&) const { return {}; }

    /// The revision that serves now.
    virtual std::uint64_t revision() const = 0;

    /// How an upstream is right now; none when the data plane does not know it (yet).
    virtual std::optional<UpstreamHealth> health(const model::UpstreamId& upstream) const = 0;
};

}  // namespace lintel::management
