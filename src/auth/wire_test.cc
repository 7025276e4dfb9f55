#include "auth/wire_test.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <array>
#include <chrono>

#include "base/assert.h"
#include "base/text.h"
#include "gateway/contract.h"
#include "gateway/mapping.h"
#include "support/loopback.h"

namespace lintel::auth {
namespace {

using gateway::CompiledService;
using gateway::Exchange;
using gateway::Verdict;

constexpr std::array<std::string_view, 6> kMethods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};

/// Answers with what it was asked, so that a test sees what got through.
class Mirror final : public gateway::Backend {
public:
    Task<Verdict> call(Exchange& exchange) const override {
        const gateway::BackendRequest& request = exchange.backend_request;
        std::string text = fmt::format("{} {}?{}\n", request.method, request.path, request.query);
        for (const http::Field& field : request.fields) {
            text += fmt::format("{}: {}\n", field.name, field.value);
        }
        const gateway::Principal& caller = exchange.principal;
        text +=
            fmt::format("caller {} by {}\n",
                        caller.credential == nullptr ? "" : caller.credential->id, caller.method);
        exchange.response.status = 200;
        exchange.response.body = exchange.arena().copy(text);
        co_return Verdict::proceed();
    }
};

}  // namespace

std::shared_ptr<const CompiledService> Wire::build(std::string_view code,
                                                   std::string_view auth_kind,
                                                   const data::Json& config) {
    auto service = std::make_shared<CompiledService>();
    service->id = code == "demo" ? "svc_1" : "svc_2";
    service->code = service->name = code;
    service->environment = "test";
    service->body_limit = 1000;
    for (const std::string_view method : kMethods) {
        const data::Json api{{"method", method}, {"path", "/*"}};
        const std::string id = fmt::format("api_{}_{}", code, method);
        auto route = std::make_shared<gateway::Route>(
            gateway::RouteNames{.api_id = id, .method = method, .path = "/*"});
        route->service = service.get();
        route->auth_kind = auth_kind;
        route->authenticator = callee.build(auth_kind, config);
        route->contract = *gateway::Contract::build(api, api);
        route->mapping = *gateway::Mapping::build(api);
        route->backend = std::make_unique<const Mirror>();
        service->routes.push_back(std::move(route));
    }
    return service;
}

Wire::Wire(std::string_view auth_kind,
           std::vector<std::shared_ptr<const gateway::Credential>> known,
           const data::Json& config) {
    resolver_ = *async::Resolver::open({});
    token_endpoint_ = token_endpoint(callee.tokens, callee.clock);
    auto opened = gateway::Gateway::open({.listen = {{{{IpAddress::v4(INADDR_LOOPBACK), 0}}}},
                                          .workers = 2,
                                          .access_log = folder_ / "access.log",
                                          .drain_time = std::chrono::milliseconds(100)},
                                         {.clock = callee.clock,
                                          .resolver = *resolver_,
                                          .outbound = callee.outbound,
                                          .metrics = metrics_,
                                          .reserved = {token_endpoint_.get()}});
    LINTEL_ASSERT(opened.has_value(), "the gateway under test opens");
    gateway_ = *std::move(opened);
    routes_ = gateway::RouteTable::of(
        {build("demo", auth_kind, config), build("other", auth_kind, config)});
    use(std::move(known));
}

void Wire::use(std::vector<std::shared_ptr<const gateway::Credential>> known) {
    gateway_->install(std::make_shared<const gateway::Snapshot>(
        ++revision_, routes_, std::make_shared<const gateway::CredentialTable>(std::move(known))));
    const bool serves = gateway_->await_revision(revision_, std::chrono::seconds(20));
    LINTEL_ASSERT(serves, "every worker serves the new snapshot");
}

WireAnswer Wire::send(std::string_view bytes) const {
    const std::string received =
        support::exchange_bytes(gateway_->addresses().front().ip.port, bytes);
    WireAnswer answer;
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string::npos || !received.starts_with("HTTP/1.1 ")) { return answer; }
    answer.status = std::stoi(received.substr(9, 3));
    answer.head = received.substr(0, end + 2);
    answer.body = received.substr(end + 4);
    return answer;
}

WireAnswer Wire::send(const Request& request, std::string_view host) const {
    std::string bytes = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
                                    request.method, request.target, host);
    for (const auto& [name, value] : request.headers) {
        bytes += name + ": " + value + "\r\n";
    }
    if (!request.body.empty()) {
        bytes += fmt::format("Content-Length: {}\r\n", request.body.size());
    }
    return send(bytes + "\r\n" + request.body);
}

std::string Wire::log() const {
    gateway_->flush_log();
    std::stringstream text;
    text << std::ifstream(folder_ / "access.log").rdbuf();
    return text.str();
}

}  // namespace lintel::auth
