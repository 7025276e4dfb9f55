// The contract of one api: its parameters and its body against their schemas. The validate phase
// asks it. All faults of a request are found at once; only what makes looking further pointless
// (415, 413) is refused alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "data/json.h"
#include "data/schema.h"
#include "gateway/verdict.h"

namespace lintel::gateway {

class Exchange;

/// Role: checks requests of one route. Owner: the Route. Immutable; shared by all workers.
///
/// Bodies whose schema is known (JSON, forms, multipart) are read whole, up to the service's body
/// limit; all others stream by untouched and only their size is enforced. A contract that
/// constrains nothing reads nothing.
class Contract {
public:
    struct Plan;  ///< the compiled form, private to contract*.cc

    /// `api` is the definition of one api, `$ref`s of its schemas are resolved in `root`, the
    /// object that has the member "components". Faults have pointers into `api`.
    static Result<Contract> build(const data::Json& api, const data::Json& root);
    /// The same for many apis of one service: what their schemas share is compiled and kept once.
    /// `schemas` was made for `root`; the contract may be used when all of them are built.
    static Result<Contract> build(const data::Json& api, const data::Json& root,
                                  data::SchemaCompiler& schemas);
    /// Of no api: only to be assigned to.
    Contract() = default;

    /// Fills Exchange::parameter_values (and body_json when the body had to be understood), or
    /// refuses with Code::RequestInvalid and Exchange::faults, Code::RequestUnsupportedType or
    /// Code::RequestBodyTooLarge.
    Task<Verdict> check(Exchange& exchange) const;

    /// Whether check() has to read the body of this request. When not, check_head() does the whole
    /// work without a coroutine.
    bool reads_body(const Exchange& exchange) const;
    /// REQUIRES: !reads_body(exchange).
    Verdict check_head(Exchange& exchange) const;

    /// Asks for the memory that looking at a request takes (base/prefetch.h).
    void prefetch() const;

private:
    explicit Contract(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

    /// Very many APIs share the one that does nothing: it is always at hand.
    std::shared_ptr<const Plan> plan_;
};

}  // namespace lintel::gateway
