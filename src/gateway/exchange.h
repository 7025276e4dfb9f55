// One request and its answer on their way through the phases. Everything a phase learns is written
// here, once, and read from here by all later phases: the canonical path, the client address and
// the caller exist in one copy only.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "data/json.h"
#include "gateway/credential.h"
#include "gateway/parameter_values.h"
#include "gateway/route.h"
#include "gateway/trace.h"
#include "gateway/upstream/breaker.h"
#include "gateway/upstream/server_state.h"
#include "gateway/verdict.h"
#include "http/handler.h"

namespace lintel::gateway {

struct MetricsSeries;
class ReservedEndpoint;
class Snapshot;
class Worker;

/// What the backend will be asked. Filled by transform; `path` and `query` are canonical and
/// encoded.
struct BackendRequest {
    std::string_view method;
    std::string_view path;
    std::string_view query;  ///< without "?"
    http::Fields fields;  ///< end-to-end fields only; Host, framing and forwarding fields are the
                          ///< backend's job
    /// Replaces the client's body when set (mapping into the body); else the client's body is
    /// passed on.
    std::optional<std::string> body;
    std::string_view body_type;  ///< Content-Type of `body`
};

/// The answer. The backend fills it; refusals are rendered into it; transform_response finishes it;
/// send sends it.
struct Response {
    int status = 0;
    http::Fields fields;
    std::string_view body;  ///< whole body, in the arena or static
    std::unique_ptr<http::BodyReader>
        stream;             ///< else a stream; holds the backend connection until it is read
    http::Framing framing;  ///< of the stream
    std::optional<http::Upgraded> upgraded;  ///< with status 101; its socket belongs to the stream
    bool close = false;
};

/// Owned by the worker while the request runs, used by one coroutine at a time, never shared
/// between threads.
class Exchange {
public:
    Exchange(http::ServerExchange& inbound_exchange, Worker& own_worker, const Snapshot& current)
        : inbound(inbound_exchange), worker(own_worker), snapshot(current) {}
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    http::ServerExchange& inbound;
    Worker& worker;
    const Snapshot& snapshot;  ///< pinned by the pipeline until the exchange ends

    // accept
    TimeMs received_at = 0;
    std::string_view request_id;
    std::string_view correlation_id;  ///< the caller's own id, passed on and sent back
    std::string_view raw_path;   ///< bytes as sent: HMAC of the first dialect alone looks at them
    std::string_view raw_query;  ///< without "?"
    IpAddress client_address;    ///< of the client, behind whatever proxies are trusted
    bool secure = false;         ///< the client called with https
    bool by_trusted_proxy = false;
    std::string_view called_host;  ///< what it called us, with the port; for the backend to know

    // parse
    std::string_view path;       ///< canonical; used by match, access, log and the backend alike
    bool encoded_slash = false;  ///< `path` holds "%2F": the service must allow that
    std::string_view host;       ///< lower case, without port and trailing dot

    // match
    const CompiledService* service = nullptr;  ///< known for refusals below its address, too
    const Route* route = nullptr;
    const ReservedEndpoint* reserved = nullptr;  ///< instead of a route, at "/-/..." addresses
    /// Null where neither is. Kept here, with the next two, for when the answer comes: by then the
    /// route may have left the caches.
    const RoutePolicies* policies = nullptr;
    const ErrorConversion* conversion = nullptr;  ///< null: none
    MetricsSeries* series = nullptr;              ///< that of the route
    std::string_view api_path;                    ///< canonical path relative to the service
    PathParameters path_parameters;

    /// access: the least that policies allow; body_limit() is what holds.
    std::uint64_t policy_body_limit = std::numeric_limits<std::uint64_t>::max();

    // authenticate
    Principal principal;
    /// Query parameters that carried credentials: not passed on, masked in logs.
    std::string_view hidden_query_name;

    // validate
    std::vector<Fault> faults;
    ParameterValues parameter_values;
    std::optional<data::Json> body_json;  ///< parsed when the contract needs it

    // transform, backend, transform_response
    BackendRequest backend_request;
    Response response;
    std::string_view backend_code;  ///< in its JSON answer; read where error codes are converted

    /// backend: what a policy let through and wants to hear the end of.
    BreakerPass breaker_pass;

    // limit: shown as X-RateLimit-*; the tightest limit wins
    std::int64_t limit = -1;
    std::int64_t limit_remaining = -1;
    std::int64_t limit_reset_s = -1;

    // log
    Trace trace;
    const Refusal* refusal = nullptr;
    std::optional<Code> send_failure;  ///< the answer did not reach the client, or not all of it
    bool logged = false;
    bool is_debugged = false;  ///< an owner tries it: counted nowhere, in no log
    std::string_view backend_address;
    int backend_status = 0;
    std::uint32_t backend_tries = 0;   ///< calls made, the first included; 0 = the kind counts none
    std::string_view upstream;         ///< name of the upstream that was called
    std::string_view upstream_server;  ///< which of its servers was called last
    ServerUse server_use;              ///< counts as under way there until the exchange ends

    Arena& arena() { return inbound.arena; }
    const http::Fields& request_fields() const { return inbound.head.fields; }
    /// Takes a field out of what later phases and the backend see (credentials, mostly).
    void hide_field(std::string_view name);
    /// The same for a field that the parser knows. REQUIRES: not Other, which many fields have.
    void hide_field(http::HeaderId id);
    /// Keeps the refusal, its texts in the arena, and returns the verdict that carries it. `faults`
    /// must outlive the exchange's answer.
    [[gnu::cold]] Verdict refuse(const Refusal& why);
    [[gnu::cold]] Verdict refuse(Code code, std::string_view detail = {},
                                 std::string_view reason = {});
    /// The most bytes the request's body may have: what the node allows, or less by a policy.
    std::uint64_t body_limit() const { return std::min(service->body_limit, policy_body_limit); }
    /// Reads the whole request body (at most `max_bytes`) and keeps it: later readers get the
    /// same bytes again. Refuses with request.body_too_large, request.timeout or client.closed.
    Task<Result<std::string_view>> whole_body(std::uint64_t max_bytes);
    /// The request body as later phases should read it: the kept bytes, else the client's stream;
    /// null when none.
    http::BodyReader* body();

private:
    Refusal kept_refusal_;
    std::optional<std::string> whole_body_;
    std::optional<http::WholeBody> replay_;
};

}  // namespace lintel::gateway
