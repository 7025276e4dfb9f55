// Debug calls: a release compiled on the side, a request signed as its caller would, one way
// through the pipeline.
#pragma once

#include <cstdint>
#include <memory>

#include "compiler/compile.h"
#include "compiler/compile_domains.h"
#include "gateway/gateway.h"
#include "management/publisher.h"

namespace lintel::compiler {

/// What traffic is served with now, and a debug call too.
struct ServedTables {
    std::int64_t revision = 0;
    std::shared_ptr<const gateway::CredentialTable> credentials;
    std::shared_ptr<const CertificateTable> certificates;
    std::shared_ptr<const gateway::UpstreamTable> upstreams;
};

/// Role: runs debug calls. Owner: the publisher. Thread-safe. Limits count in counters of its own,
/// so that a call uses up nobody's allowance.
class Debugger {
public:
    Debugger(gateway::Gateway& gateway, const CompileEnvironment& environment);
    Debugger(const Debugger&) = delete;
    Debugger& operator=(const Debugger&) = delete;

    Result<management::DebugAnswer> run(const management::DebugCall& call,
                                        const ServedTables& tables);

private:
    static constexpr std::size_t kRememberedSignatures = 10'000;

    gateway::Gateway& gateway_;
    gateway::Counters counters_;
    gateway::ReplayGuard replay_guard_{kRememberedSignatures};
    LastingState lasting_;
    CompileEnvironment environment_;
};

}  // namespace lintel::compiler
