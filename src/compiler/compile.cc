#include "compiler/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "data/schema.h"
#include "gateway/contract.h"
#include "gateway/mapping.h"
#include "gateway/path_template.h"

namespace lintel::compiler {

namespace {

using data::Json;
using gateway::BuildContext;
using gateway::CompiledService;
using gateway::Phase;
using gateway::Route;

/// Environments where callers are strangers; elsewhere they are colleagues who want to know why.
constexpr std::string_view kReleaseEnvironment = "release";

gateway::Scheme scheme_of(model::Protocol protocol) {
    switch (protocol) {
        case model::Protocol::Http: return gateway::Scheme::Http;
        case model::Protocol::Https: return gateway::Scheme::Https;
        case model::Protocol::HttpAndHttps: break;
    }
    return gateway::Scheme::Both;
}

bool explains(ExplainRefusals setting, std::string_view environment) {
    return setting == ExplainRefusals::Always ||
           (setting == ExplainRefusals::OutsideRelease && environment != kReleaseEnvironment);
}

/// Since when each limit of a deployment holds, handed out in the order the policies stand in.
class Origins {
public:
    Origins(const std::vector<model::LimitOrigin>& origins, TimeMs now)
        : origins_(origins), taken_(origins.size()), now_(now) {}

    TimeMs take(const model::ApiId& api, std::string_view kind) {
        for (std::size_t i = 0; i < origins_.size(); ++i) {
            if (taken_[i] || origins_[i].api_id != api || origins_[i].kind != kind) { continue; }
            taken_[i] = true;
            return origins_[i].since;
        }
        return now_;
    }

private:
    const std::vector<model::LimitOrigin>& origins_;
    std::vector<bool> taken_;
    TimeMs now_;
};

/// One compilation. Lives on the stack of compile_service.
class ServiceCompiler {
public:
    ServiceCompiler(const Publication& publication, const CompileEnvironment& environment,
                    Purpose purpose)
        : publication_(publication),
          definition_(publication.release.definition),
          environment_(environment),
          purpose_(purpose),
          root_{{"components", publication.release.definition.components}},
          schemas_(root_, {.skip_unsupported_patterns = true}),
          origins_(publication.limit_origins, environment.lasting.clock.now_ms()) {}

    Result<std::shared_ptr<const CompiledService>> compile() {
        describe();
        service_policies();
        service_->routes.reserve(definition_.apis.size());
        for (std::size_t i = 0; i < definition_.apis.size(); ++i) {
            api(definition_.apis[i], data::child_pointer("/apis", i));
        }
        if (!faults_.empty()) {
            return fail(Error{.code = Code::PublishRefused,
                              .message = "the definition has " + std::to_string(faults_.size()) +
                                         " fault(s) that keep it from running",
                              .faults = std::move(faults_)});
        }
        return service_;
    }

private:
    void fault(std::string pointer, std::string code, std::string detail) {
        faults_.push_back({std::move(pointer), std::move(code), std::move(detail)});
    }

    /// Faults of a part are relative to it.
    void add(Error error, const std::string& pointer) {
        if (error.faults.empty()) { fault(pointer, "plugin.invalid", std::move(error.message)); }
        for (Fault& part : error.faults) {
            part.pointer.insert(0, pointer);
            faults_.push_back(std::move(part));
        }
    }

    void describe() {
        service_->id = publication_.service.id.str();
        service_->code = publication_.service.code;
        service_->name = definition_.name;
        service_->environment = address_of(publication_.environment);
        service_->release = publication_.release.number;
        service_->scheme = scheme_of(definition_.protocol);
        service_->allow_encoded_slashes = definition_.allow_encoded_slashes;
        service_->token_lifetime_s = definition_.oauth2.token_ttl_s;
        service_->token_by_get = definition_.oauth2.allow_get;
        service_->explain_refusals =
            explains(environment_.settings.explain_refusals, publication_.environment.code);
        service_->body_limit = environment_.settings.body_limit;
    }

    BuildContext context(std::string_view api_id, const Json& api, TimeMs since) const {
        LastingState& lasting = environment_.lasting;
        return {.service_id = service_->id,
                .service_code = service_->code,
                .api_id = api_id,
                .environment = service_->environment,
                .gateway = publication_.environment.gateway,
                .effective_since = since,
                .clock = lasting.clock,
                .counters = lasting.counters,
                .replay_guard = lasting.replay_guard,
                .tokens = lasting.tokens,
                .outbound = lasting.outbound,
                .certificates = certificates_,
                .upstreams = lasting.upstreams,
                .api = api,
                .components = root_};
    }

    /// Checks the config against the schema of the kind; plugins are built from good configs only.
    template <typename Kind>
    bool is_good(const CheckedKind<Kind>* kind, const model::PluginUse& use, std::string_view what,
                 const std::string& pointer) {
        if (kind == nullptr) {
            fault(pointer + "/kind", "kind.unknown",
                  "'" + use.kind + "' is no " + std::string(what) + " of this binary");
            return false;
        }
        return kind->schema->validate(use.config, pointer + "/config", faults_);
    }

    std::unique_ptr<const gateway::Policy> policy(const model::PluginUse& use,
                                                  const model::ApiId& api_id, const Json& api,
                                                  const std::string& pointer, Phase& phase) {
        const auto* checked = environment_.catalogue.policy(use.kind);
        if (!is_good(checked, use, "policy", pointer)) { return nullptr; }
        phase = checked->kind.phase;
        if (!gateway::runs_policies(phase)) {
            fault(pointer + "/kind", "kind.phase",
                  "policies of the phase '" + std::string(name_of(phase)) + "' cannot run");
            return nullptr;
        }
        const TimeMs since = phase == Phase::Limit ? origins_.take(api_id, use.kind) : 0;
        auto built = checked->kind.build(use.config, context(api_id.str(), api, since));
        if (!built) {
            add(std::move(built.error()), pointer + "/config");
            return nullptr;
        }
        return *std::move(built);
    }

    void service_policies() {
        static const Json no_api = nullptr;
        for (std::size_t i = 0; i < definition_.policies.size(); ++i) {
            Phase phase = Phase::Access;
            std::shared_ptr<const gateway::Policy> built = policy(
                definition_.policies[i], {}, no_api, data::child_pointer("/policies", i), phase);
            if (built == nullptr) { continue; }
            service_->common_policies.add(phase, *built);
            service_->policies.push_back(std::move(built));
        }
    }

    void api(const model::ApiDefinition& definition, const std::string& pointer) {
        const Json json = model::to_json(definition);
        auto route =
            std::make_shared<Route>(gateway::RouteNames{.api_id = definition.id.str(),
                                                        .api_name = definition.name,
                                                        .method = model::name(definition.method),
                                                        .path = definition.path});
        route->service = service_.get();
        check_address(*route, pointer);
        authenticator(definition.auth, json, pointer + "/auth", *route);
        api_policies(definition, json, pointer + "/policies", *route);
        if (auto contract = gateway::Contract::build(json, root_, schemas_)) {
            route->contract = *std::move(contract);
        } else {
            add(std::move(contract.error()), pointer);
        }
        if (auto mapping = gateway::Mapping::build(json)) {
            route->mapping = *std::move(mapping);
        } else {
            add(std::move(mapping.error()), pointer);
        }
        route->conversion = gateway::ErrorConversion::build(json);
        backend(definition.backend, json, pointer + "/backend", *route);
        if (purpose_ == Purpose::Serve) {
            route->metrics_id =
                environment_.lasting.metrics.series({.environment = service_->environment,
                                                     .service = service_->code,
                                                     .api = definition.name,
                                                     .method = std::string(route->names.method)});
        }
        service_->routes.push_back(std::move(route));
    }

    void check_address(const Route& route, const std::string& pointer) {
        const Result<gateway::PathTemplate> path = gateway::PathTemplate::parse(route.names.path);
        if (!path) {
            fault(pointer + "/path", "field.path", path.error().message);
            return;
        }
        if (path->names().size() > gateway::PathParameters::kMost) {
            fault(pointer + "/path", "field.path", "has more than 30 parameters");
        }
        const auto [taken, is_new] =
            addresses_.emplace(std::pair(path->shape(), std::string(route.names.method)), pointer);
        if (!is_new) {
            fault(pointer + "/path", "api.duplicate",
                  fmt::format("{} {} is the address of {} already", route.names.method,
                              route.names.path, taken->second));
        }
    }

    void authenticator(const model::PluginUse& use, const Json& api, const std::string& pointer,
                       Route& route) {
        const auto* checked = environment_.catalogue.auth(use.kind);
        if (!is_good(checked, use, "authentication method", pointer)) { return; }
        route.auth_kind = checked->kind.name;
        if (checked->kind.build == nullptr) { return; }
        auto built = checked->kind.build(use.config, context(route.names.api_id, api, 0));
        if (built) {
            route.authenticator = *std::move(built);
        } else {
            add(std::move(built.error()), pointer + "/config");
        }
    }

    void api_policies(const model::ApiDefinition& definition, const Json& api,
                      const std::string& pointer, Route& route) {
        route.policies = &service_->common_policies;
        for (std::size_t i = 0; i < definition.policies.size(); ++i) {
            Phase phase = Phase::Access;
            auto built = policy(definition.policies[i], definition.id, api,
                                data::child_pointer(pointer, i), phase);
            if (built == nullptr) { continue; }
            route.add_policy(phase, std::move(built));
        }
    }

    void backend(const model::PluginUse& use, const Json& api, const std::string& pointer,
                 Route& route) {
        if (!use.chosen()) {
            fault(pointer, "field.required", "no backend is chosen: nobody would answer");
            return;
        }
        const std::pair key(use.kind, use.config);
        if (const auto shared = backends_.find(key); shared != backends_.end()) {
            route.backend = shared->second;
            return;
        }
        const auto* checked = environment_.catalogue.backend(use.kind);
        if (!is_good(checked, use, "backend", pointer)) { return; }
        auto built = checked->kind.build(use.config, context(route.names.api_id, api, 0));
        if (!built) {
            add(std::move(built.error()), pointer + "/config");
            return;
        }
        route.backend = *std::move(built);
        if (route.backend->is_shareable()) { backends_.emplace(key, route.backend); }
    }

    const Publication& publication_;
    const model::ServiceDefinition& definition_;
    const CompileEnvironment& environment_;
    Purpose purpose_;
    const Json root_;
    data::SchemaCompiler schemas_;
    Origins origins_;
    std::shared_ptr<CompiledService> service_ = std::make_shared<CompiledService>();
    gateway::NotedCertificates certificates_{publication_.certificates, service_->certificates};
    /// By kind and config. Among very many routes, what all of them read is always at hand.
    std::map<std::pair<std::string, Json>, std::shared_ptr<const gateway::Backend>> backends_;
    std::map<std::pair<std::string, std::string>, std::string> addresses_;  ///< to the api there
    std::vector<Fault> faults_;
};

}  // namespace

Result<std::shared_ptr<const CompiledService>> compile_service(
    const Publication& publication, const CompileEnvironment& environment, Purpose purpose) {
    return ServiceCompiler(publication, environment, purpose).compile();
}

}  // namespace lintel::compiler
