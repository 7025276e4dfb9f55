// From an HTTP request to a use case and back, without any I/O of its own: match, authenticate,
// permit, check, run, render. The order is the same for every operation, so no operation can forget
// a step.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/bindings.h"
#include "admin/call.h"
#include "admin/contract.h"

namespace lintel::admin {

/// One request as the transport read it; owns its texts, because it crosses to another thread.
struct RawRequest {
    std::string method;
    std::string target;
    std::string content_type;
    std::string authorization;
    std::string if_match;
    std::string idempotency_key;
    std::string body;
    management::ClientInfo client;
};

struct Reply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// Role: the management API. Owner: the app. Immutable after build; any number of threads may use
/// it.
class Dispatcher {
public:
    /// StartFailed when the contract and the bindings do not cover each other.
    static Result<std::unique_ptr<Dispatcher>> build(management::Management& management,
                                                     data::Json settings);

    /// Never fails: every error becomes a problem document.
    Reply handle(const RawRequest& request) const;
    /// The problem document for an error of the transport.
    static Reply problem(const Error& error, std::string_view request_id);

    const Contract& contract() const { return contract_; }

private:
    Dispatcher(management::Management& management, Contract contract, data::Json settings);

    /// The caller of a token; empty for operations that need none.
    Result<std::optional<management::Caller>> admit(const Operation& operation,
                                                    const Contract::Match& match,
                                                    const RawRequest& request) const;
    Result<Call> read(const Operation& operation, const Contract::Match& match,
                      const RawRequest& request) const;
    Reply run(const Operation& operation, const Call& call) const;
    Reply run_once(const Operation& operation, const Call& call, const RawRequest& request) const;

    management::Management& management_;
    Contract contract_;
    NodeFacts node_;
    std::map<std::string_view, Binding> bindings_;
};

}  // namespace lintel::admin
