// For tests only: the real data plane on a loopback port, and a client that sends raw bytes. Two
// services answer there, "demo" and "other", each with every method at every path; their hosts are
// "demo-test.localhost" and "other-test.localhost".
#pragma once

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "async/resolver.h"
#include "auth/call_test.h"
#include "gateway/gateway.h"
#include "support/temporary_folder.h"

namespace lintel::auth {

/// What came back on a connection that was closed after one answer.
struct WireAnswer {
    int status = 0;  ///< 0: nothing came
    std::string head;
    std::string body;
};

/// Owns the data plane. Lives on the stack of a test; the answers of its backend are the head of
/// the request as the backend saw it.
class Wire {
public:
    /// Every API of both services uses this authenticator.
    Wire(std::string_view auth_kind, std::vector<std::shared_ptr<const gateway::Credential>> known,
         const data::Json& config = data::Json::object());
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    /// Takes effect at once, like a live change.
    void use(std::vector<std::shared_ptr<const gateway::Credential>> known);
    /// Sends the bytes as they are. "Connection: close" must be among them.
    WireAnswer send(std::string_view bytes) const;
    /// Writes the request as HTTP/1.1.
    WireAnswer send(const Request& request, std::string_view host = "demo-test.localhost") const;
    /// Everything logged so far.
    std::string log() const;

    Callee callee;

private:
    std::shared_ptr<const gateway::CompiledService> build(std::string_view code,
                                                          std::string_view auth_kind,
                                                          const data::Json& config);

    support::TemporaryFolder folder_;
    gateway::MetricsRegistry metrics_;
    std::unique_ptr<async::Resolver> resolver_;
    std::unique_ptr<const gateway::ReservedEndpoint> token_endpoint_;
    std::unique_ptr<gateway::Gateway> gateway_;
    gateway::RouteTable routes_;
    std::int64_t revision_ = 0;
};

}  // namespace lintel::auth
