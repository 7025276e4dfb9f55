// For tests only: authenticators without connections. A Callee is what a request meets (clock,
// credentials, tokens), a Call is one request on its way through an authenticator.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/auth.h"
#include "base/clock.h"
#include "crypto/seal.h"
#include "gateway/certificate.h"
#include "gateway/exchange.h"
#include "gateway/limits.h"
#include "gateway/loose_inbound_test.h"
#include "gateway/replay_guard.h"
#include "gateway/snapshot.h"
#include "gateway/token.h"
#include "gateway/upstream/upstream_registry.h"

namespace lintel::auth {

/// 2026-11-20T08:30:00Z, the date the vectors are signed with.
inline constexpr TimeMs kVectorTime = 1'795'163'400'000;

using Headers = gateway::LooseInbound::Headers;

/// A request as a test writes it down.
struct Request {
    std::string method = "GET";
    std::string target = "/";
    Headers headers = {};
    std::string body = {};
};

/// A credential with the three pairs of the vectors, that may call service "svc_1".
inline std::shared_ptr<gateway::Credential> make_credential() {
    auto credential = std::make_shared<gateway::Credential>();
    credential->id = "crd_1";
    credential->name = "mobile";
    credential->generation = 1;
    credential->basic = {"b0000000000000000001", Secret("basic secret")};
    credential->oauth2 = {"a0000000000000000001", Secret("oauth2 secret")};
    credential->hmac = {"2e4d0bbad47e3b5e3a0c", Secret("815ba6d666d58ef1e79b")};
    credential->allow(crypto::HmacAlgorithm::Sha256);
    credential->grants = {{"svc_1", "", ""}};
    return credential;
}

/// Owns what plugins refer to. Lives on the stack of a test.
class Callee {
public:
    explicit Callee(std::vector<std::shared_ptr<const gateway::Credential>> credentials = {
                        make_credential()}) {
        service.id = "svc_1";
        service.code = "demo";
        service.environment = "test";
        use(std::move(credentials));
    }

    void use(std::vector<std::shared_ptr<const gateway::Credential>> credentials) {
        snapshot = std::make_unique<const gateway::Snapshot>(
            1, gateway::RouteTable(),
            std::make_shared<const gateway::CredentialTable>(std::move(credentials)));
    }
    gateway::BuildContext context() {
        return {.service_id = service.id,
                .service_code = service.code,
                .api_id = "api_1",
                .environment = service.environment,
                .gateway = {},
                .effective_since = 0,
                .clock = clock,
                .counters = counters,
                .replay_guard = replay_guard,
                .tokens = tokens,
                .outbound = outbound,
                .certificates = certificates,
                .upstreams = upstreams,
                .api = nothing,
                .components = nothing};
    }
    /// The authenticator of this kind; null when the kind has nothing to run.
    std::unique_ptr<const gateway::Authenticator> build(
        std::string_view kind, const data::Json& config = data::Json::object()) {
        gateway::Kinds kinds;
        register_auths(kinds);
        for (const gateway::AuthKind& auth : kinds.auths) {
            if (auth.name == kind && auth.build != nullptr) {
                return *auth.build(config, context());
            }
        }
        return nullptr;
    }

    FakeClock clock{kVectorTime};
    gateway::Counters counters;
    gateway::Certificates certificates;
    gateway::ReplayGuard replay_guard;
    crypto::MasterKey master = crypto::MasterKey::generate();
    gateway::TokenSealer tokens{master};
    gateway::OutboundRules outbound;
    gateway::UpstreamRegistry upstreams;
    gateway::CompiledService service;
    std::unique_ptr<const gateway::Snapshot> snapshot;
    data::Json nothing;
};

/// Owns one exchange and the bytes it refers to.
class Call {
public:
    Call(const Callee& callee, Request request)
        : request_(std::move(request)),
          inbound_(request_.method, request_.headers, request_.body),
          exchange(inbound_, reinterpret_cast<gateway::Worker&>(nobody_), *callee.snapshot) {
        const std::string_view target = request_.target;
        exchange.raw_path = target.substr(0, target.find('?'));
        exchange.raw_query = target.substr(std::min(target.size(), exchange.raw_path.size() + 1));
        exchange.service = &callee.service;
        exchange.received_at = callee.clock.now_ms();
    }

    /// The code of the refusal, or "ok".
    std::string_view authenticate(const gateway::Authenticator& authenticator) {
        Task<gateway::Verdict> task = authenticator.authenticate(exchange);
        task.start();
        return keep(task.take());
    }
    std::string_view answer(const gateway::ReservedEndpoint& endpoint) {
        Task<gateway::Verdict> task = endpoint.answer(exchange);
        task.start();
        return keep(task.take());
    }
    /// Of the last verdict; null when it went on.
    const gateway::Refusal* refusal = nullptr;

private:
    std::string_view keep(gateway::Verdict verdict) {
        refusal = verdict.refusal();
        return refusal == nullptr ? "ok" : info(refusal->code).name;
    }

    Request request_;
    gateway::LooseInbound inbound_;
    // Authenticators never look at the worker.
    alignas(std::max_align_t) char nobody_[1] = {};

public:
    gateway::Exchange exchange;
};

}  // namespace lintel::auth
