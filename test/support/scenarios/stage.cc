#include "scenarios/stage.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "base/assert.h"
#include "base/text.h"
#include "data/json.h"
#include "data/schema.h"
#include "gateway/contract.h"
#include "gateway/mapping.h"

namespace lintel::scenarios {

using data::Json;
using namespace gateway;

namespace {

constexpr std::string_view kServiceId = "svc_pets";
constexpr std::string_view kEnvironment = "test";

Result<Json> checked_config(std::string_view schema_text, const std::string& config_text) {
    ASSIGN_OR_RETURN(Json config, data::parse_json(config_text));
    ASSIGN_OR_RETURN(const Json schema_json, data::parse_json(schema_text));
    ASSIGN_OR_RETURN(const auto schema,
                     data::Schema::compile(schema_json, {.dialect = data::Dialect::Draft7}));
    Error refused{.code = Code::FieldInvalid, .message = "the settings break their schema"};
    if (!schema->validate(config, "", refused.faults)) { return fail(std::move(refused)); }
    return config;
}

template <typename Kind>
Result<const Kind*> find_kind(const std::vector<Kind>& kinds, std::string_view name) {
    const auto found = std::ranges::find(kinds, name, &Kind::name);
    if (found == kinds.end()) {
        return fail(Code::NotFound, fmt::format("there is no plugin {}", name));
    }
    return &*found;
}

Headers copy_of(std::span<const http::Field> fields) {
    Headers headers;
    for (const http::Field& field : fields) {
        headers.emplace_back(field.name, field.value);
    }
    return headers;
}

std::string_view kept(std::vector<std::string>& texts, std::string_view text) {
    return texts.emplace_back(text);
}

}  // namespace

std::string Answer::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (equals_ignoring_case(key, name)) { return value; }
    }
    return {};
}

bool Answer::has_header(std::string_view name) const {
    return std::ranges::any_of(
        headers, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
}

/// Answers 200 "ok" and remembers what it was asked.
class Stage::RecordingBackend final : public Backend {
public:
    explicit RecordingBackend(Seen& seen) : seen_(seen) {}

    Task<Verdict> call(Exchange& exchange) const override {
        const BackendRequest& request = exchange.backend_request;
        seen_ = {.calls = seen_.calls + 1,
                 .method = std::string(request.method),
                 .path = std::string(request.path),
                 .query = std::string(request.query),
                 .headers = copy_of(request.fields),
                 .body = request.body.value_or("")};
        http::BodyReader* body = request.body ? nullptr : exchange.body();
        while (body != nullptr) {
            const auto piece = co_await body->read();
            if (!piece) { co_return exchange.refuse(piece.error().code, piece.error().message); }
            if (piece->empty()) { break; }
            seen_.body.append(piece->data(), piece->size());
        }
        exchange.response.status = 200;
        exchange.response.fields.add("Content-Type", "text/plain");
        exchange.response.body = "ok";
        exchange.backend_status = 200;
        co_return Verdict::proceed();
    }

private:
    Seen& seen_;
};

/// The request as the server would hand it over, and the answer as it would send it.
class Stage::Inbound final : public http::ServerExchange {
public:
    explicit Inbound(const Call& call) : send_fails_with_(call.send_fails_with) {
        texts_.reserve(4 + 2 * call.headers.size());
        head.method = kept(texts_, call.method);
        head.target = kept(texts_, call.target);
        head.host = kept(texts_, call.host);
        for (const auto& [name, value] : call.headers) {
            const std::string_view kept_name = kept(texts_, name);
            head.fields.add(kept_name, kept(texts_, value));
        }
        if (!call.body.empty()) {
            head.framing = http::Framing::of_length(call.body.size());
            body = &body_.emplace(call.body);
        }
        if (call.refused_head) { refused = &*call.refused_head; }
        const auto address = IpAddress::parse(call.client);
        LINTEL_ASSERT(address.has_value(), "the client of a call is an address");
        peer_.address = *address;
        peer_.address_text = call.client;
        peer_.secure = call.secure;
        peer_.tls_rules = call.tls_rules;
        peer = &peer_;
        started_us = async::monotonic_us();
        received_bytes = call.target.size() + call.body.size();
    }

    Task<Status> send(const http::OutgoingResponse& response) override {
        ++sends;
        if (send_fails_with_) { co_return fail(*send_fails_with_, "the client is gone"); }
        started_ = true;
        answer.status = response.status;
        answer.headers = copy_of(response.fields);
        answer.body = response.body;
        while (response.stream != nullptr) {
            const auto piece = co_await response.stream->read();
            if (!piece) { co_return std::unexpected(piece.error()); }
            if (piece->empty()) { break; }
            answer.body.append(piece->data(), piece->size());
        }
        if (head.method == "HEAD") { answer.body.clear(); }
        sent_bytes = answer.body.size();
        co_return Status();
    }
    bool answer_started() const override { return started_; }

    Answer answer;
    int sends = 0;

private:
    std::vector<std::string> texts_;
    std::optional<http::WholeBody> body_;
    http::Peer peer_;
    std::optional<Code> send_fails_with_;
    bool started_ = false;
};

Kinds kinds_of(void (*add)(Kinds&)) {
    Kinds kinds;
    add(kinds);
    return kinds;
}

Stage::Stage(Kinds kinds, std::vector<const ReservedEndpoint*> reserved)
    : kinds_(std::move(kinds)), reserved_(std::move(reserved)) {
    if (std::ranges::find(kinds_.auths, "none", &AuthKind::name) == kinds_.auths.end()) {
        kinds_.auths.push_back({.name = "none", .schema = "{}", .build = nullptr});
    }
    auto loop = async::Loop::open();
    LINTEL_ASSERT(loop.has_value(), "a loop opens");
    loop_ = *std::move(loop);
    // Names are not resolved in tests: nobody answers at this address.
    auto resolver = async::Resolver::open({.servers = "127.0.0.1:9"});
    LINTEL_ASSERT(resolver.has_value(), "a resolver opens");
    resolver_ = *std::move(resolver);
    connector_ = std::make_unique<async::Connector>(
        *loop_, *resolver_, [this](const IpAddress& address, std::uint16_t port) {
            return outbound_.refusal_for(address, port);
        });
    clients_ = std::make_unique<http::ClientPool>(*loop_, *connector_, http::ClientOptions{});
    snapshots_.push_back(std::make_unique<const Snapshot>(
        0, RouteTable(),
        std::make_shared<const CredentialTable>(std::vector<std::shared_ptr<const Credential>>())));
    snapshots_.back()->add_holder();
    worker_ = std::make_unique<Worker>(*loop_, environment_, clients_.get(), *snapshots_.back());
}

Stage::~Stage() {
    worker_.reset();
}

BuildContext Stage::context(const ServiceSetup& setup, const Json& api) {
    static const Json kNothing = Json::object();
    return {.service_id = kServiceId,
            .service_code = "pets",
            .api_id = "api_pets",
            .environment = kEnvironment,
            .gateway = {},
            .effective_since = setup.effective_since,
            .clock = clock,
            .counters = counters_,
            .replay_guard = replay_guard_,
            .tokens = tokens_,
            .outbound = outbound_,
            .certificates = certificates_,
            .upstreams = upstreams_,
            .api = api,
            .components = kNothing};
}

Result<std::shared_ptr<const Route>> Stage::build_route(const ServiceSetup& setup,
                                                        const CompiledService& service) {
    ASSIGN_OR_RETURN(const Json api, data::parse_json(setup.api));
    const BuildContext build_context = context(setup, api);
    const std::string_view method = data::find_string(api, "method");
    const std::string_view path = data::find_string(api, "path");
    auto route = std::make_shared<Route>(gateway::RouteNames{
        .api_id = "api_pets", .api_name = "pets", .method = method, .path = path});
    route->service = &service;
    route->policies = &service.common_policies;

    ASSIGN_OR_RETURN(const AuthKind* auth, find_kind(kinds_.auths, setup.auth.name));
    route->auth_kind = auth->name;
    if (auth->build != nullptr) {
        ASSIGN_OR_RETURN(const Json config, checked_config(auth->schema, setup.auth.config));
        ASSIGN_OR_RETURN(route->authenticator, auth->build(config, build_context));
    }
    for (const Named& named : setup.api_policies) {
        ASSIGN_OR_RETURN(const PolicyKind* kind, find_kind(kinds_.policies, named.name));
        ASSIGN_OR_RETURN(const Json config, checked_config(kind->schema, named.config));
        ASSIGN_OR_RETURN(auto policy, kind->build(config, build_context));
        route->add_policy(kind->phase, std::move(policy));
    }
    if (setup.backend) {
        ASSIGN_OR_RETURN(const BackendKind* kind, find_kind(kinds_.backends, setup.backend->name));
        ASSIGN_OR_RETURN(const Json config, checked_config(kind->schema, setup.backend->config));
        ASSIGN_OR_RETURN(route->backend, kind->build(config, build_context));
    } else {
        route->backend = std::make_unique<const RecordingBackend>(seen);
    }
    ASSIGN_OR_RETURN(route->contract, Contract::build(api, api));
    ASSIGN_OR_RETURN(route->mapping, Mapping::build(api));
    route->conversion = ErrorConversion::build(api);
    return route;
}

Result<std::shared_ptr<const CompiledService>> Stage::build(const ServiceSetup& setup) {
    auto service = std::make_shared<CompiledService>();
    service->id = kServiceId;
    service->code = service->name = "pets";
    service->environment = kEnvironment;
    service->release = 1;
    const Json nothing;
    BuildContext build_context = context(setup, nothing);
    build_context.api_id = {};
    for (const Named& named : setup.policies) {
        ASSIGN_OR_RETURN(const PolicyKind* kind, find_kind(kinds_.policies, named.name));
        ASSIGN_OR_RETURN(const Json config, checked_config(kind->schema, named.config));
        ASSIGN_OR_RETURN(auto policy, kind->build(config, build_context));
        service->common_policies.add(kind->phase, *policy);
        service->policies.push_back(std::move(policy));
    }
    ASSIGN_OR_RETURN(auto route, build_route(setup, *service));
    service->routes.push_back(std::move(route));
    if (setup.adjust) { setup.adjust(*service); }
    return service;
}

Status Stage::publish(const ServiceSetup& setup) {
    ASSIGN_OR_RETURN(auto service, build(setup));
    std::vector<std::shared_ptr<const Credential>> credentials;
    for (const Credential& credential : setup.credentials) {
        credentials.push_back(std::make_shared<const Credential>(credential));
    }
    std::vector<std::shared_ptr<const Domain>> domains;
    for (const Domain& domain : setup.domains) {
        domains.push_back(std::make_shared<const Domain>(domain));
    }
    const auto revision = static_cast<std::int64_t>(snapshots_.size());
    snapshots_.push_back(std::make_unique<const Snapshot>(
        revision, RouteTable().with(std::move(service)),
        std::make_shared<const CredentialTable>(std::move(credentials)),
        std::make_shared<const DomainTable>(std::move(domains)),
        std::make_shared<const UpstreamTable>(setup.upstreams)));
    snapshots_.back()->add_holder();
    worker_->install(*snapshots_.back());
    return {};
}

Answer Stage::call(const Call& call) {
    Inbound inbound(call);
    inbound.loop = loop_.get();
    async::run_on(*loop_, worker_->handle(inbound));
    LINTEL_ASSERT(inbound.sends == 1, "every request is answered once");
    Answer answer = std::move(inbound.answer);
    if (answer.header("Content-Type") == "application/problem+json") {
        const auto problem = data::parse_json(answer.body);
        if (problem) { answer.code = data::find_string(*problem, "code"); }
    }
    return answer;
}

}  // namespace lintel::scenarios
