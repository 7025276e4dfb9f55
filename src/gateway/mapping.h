// From the client's request to the backend's: which value goes where. The transform phase asks it.
// Declared parameters keep their place unless a row moves them; what nobody declared passes through
// unless the api says "only mapped".
#pragma once

#include <memory>
#include <utility>

#include "async/task.h"
#include "data/json.h"
#include "gateway/verdict.h"

namespace lintel::gateway {

class Exchange;

/// Role: fills Exchange::backend_request of one route. Owner: the Route. Immutable; shared by all
/// workers. Needs what Contract has read.
///
/// `path` is complete: the backend's own path with its {parameters} filled in, or the path the
/// client called, relative to the service. `fields` holds end-to-end fields of the client without
/// Host, Content-Length, Expect and the forwarding fields (X-Forwarded-*, X-Real-IP, Forwarded,
/// X-Request-Id), which the backend writes itself. No value can leave its place: nothing that would
/// end a header line or a path segment gets into one.
class Mapping {
public:
    struct Plan;  ///< the compiled form, private to mapping*.cc

    /// `api` is the definition of one api; the backend's method and path are members of its backend
    /// config. Faults have pointers into `api`.
    static Result<Mapping> build(const data::Json& api);
    /// Of no api: only to be assigned to.
    Mapping() = default;

    /// Fills Exchange::backend_request, or refuses with Code::MappingFailed.
    Task<Verdict> apply(Exchange& exchange) const;

    /// Whether apply() has to read the body of this request. When not, apply_head() does the whole
    /// work without a coroutine.
    bool reads_body(const Exchange& exchange) const;
    /// REQUIRES: !reads_body(exchange).
    Verdict apply_head(Exchange& exchange) const;

    /// Asks for the memory that looking at a request takes (base/prefetch.h).
    void prefetch() const;

private:
    explicit Mapping(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

    /// Very many APIs share the one that does nothing: it is always at hand.
    std::shared_ptr<const Plan> plan_;
};

}  // namespace lintel::gateway
