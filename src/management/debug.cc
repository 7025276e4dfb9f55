// The request is checked here, so that what reaches the data plane is one that a client could have
// sent.
#include "management/debug.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "management/service_copy.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxDebugTarget = 4096;
constexpr std::size_t kMaxDebugHeaders = 50;
constexpr std::size_t kMaxDebugHeader = 8192;
/// The gateway frames the request itself, and is called by one name.
constexpr std::array<std::string_view, 9> kOwnFields{"connection", "content-length",    "expect",
                                                     "host",       "keep-alive",        "te",
                                                     "trailer",    "transfer-encoding", "upgrade"};

bool is_visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

/// RFC 9110 section 5.6.2.
bool is_field_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
    });
}

bool is_field_value(std::string_view value) {
    return trim(value) == value &&
           std::ranges::none_of(value, [](char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

void check_headers(const DebugRequest& request, std::vector<Fault>& faults) {
    if (request.headers.size() > kMaxDebugHeaders) {
        faults.push_back({"/headers", "field.length", "may have at most 50 entries"});
    }
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
        const auto& [name, value] = request.headers[i];
        const std::string pointer = data::child_pointer("/headers", i);
        if (!is_field_name(name)) {
            faults.push_back({pointer + "/name", "debug.header", "is no name of a header field"});
        } else if (std::ranges::find(kOwnFields, to_lower(name)) != kOwnFields.end()) {
            faults.push_back({pointer + "/name", "debug.header", "is written by the gateway"});
        }
        if (!is_field_value(value) || name.size() + value.size() > kMaxDebugHeader) {
            faults.push_back({pointer + "/value", "debug.header",
                              "must have no control characters, no white space around it and at "
                              "most 8192 bytes"});
        }
    }
}

Status check_request(const DebugRequest& request, const std::optional<std::string>& path) {
    std::vector<Fault> faults;
    if (!path) {
        faults.push_back({"/path", "field.required",
                          "is required: the path of the API has parameters to fill in"});
    } else if (!path->starts_with('/') || !is_visible_ascii(*path) ||
               path->find_first_of("?#") != std::string::npos || path->size() > kMaxDebugTarget) {
        faults.push_back({"/path", "debug.path",
                          "must begin with '/' and be encoded, without '?' and '#', of at most "
                          "4096 bytes"});
    }
    if (!is_visible_ascii(request.query) || request.query.contains('#') ||
        request.query.size() > kMaxDebugTarget) {
        faults.push_back(
            {"/query", "debug.query", "must be encoded, without '#', of at most 4096 bytes"});
    }
    check_headers(request, faults);
    if (request.client_ip && !IpAddress::parse(*request.client_ip)) {
        faults.push_back({"/client_ip", "debug.client_ip", "is no IP address"});
    }
    return faults.empty() ? Status{} : fail(invalid_fields(std::move(faults)));
}

/// Its own path, when that can be called as it stands.
std::optional<std::string> path_of(const DebugRequest& request, const model::ApiDefinition& api) {
    if (request.path) { return request.path; }
    return api.path.find_first_of("{*") == std::string::npos ? std::optional(api.path)
                                                             : std::nullopt;
}

Result<model::Environment> environment_of(store::Transaction& tx, const model::Service& service,
                                          const DebugRequest& request) {
    if (request.environment) {
        return load_environment(tx, service.gateway_id, *request.environment);
    }
    ASSIGN_OR_RETURN(const std::vector<model::Environment> all,
                     load_environments(tx, service.gateway_id));
    if (all.empty()) { return fail(Code::StateConflict, "The gateway has no environment."); }
    return all.front();
}

/// Without the policies that admit or refuse; those that shape the answer stay.
void drop_policies(const Kinds& kinds, std::vector<model::PluginUse>& policies) {
    std::erase_if(policies, [&](const model::PluginUse& use) {
        const model::KindInfo* kind = kinds.find(model::Family::Policy, use.kind);
        return kind != nullptr && (kind->phase == "access" || kind->phase == "limit");
    });
}

/// A release of nothing but the API: what is still wrong elsewhere in a draft is not in the way.
model::Release release_of(Management& m, const DebugRequest& request, LoadedCopy copy,
                          std::size_t index) {
    model::ApiDefinition api = std::move(copy.definition.apis[index]);
    if (request.authentication == Held::NotTo) { api.auth = {.kind = "none"}; }
    if (request.policies == Held::NotTo) {
        drop_policies(m.kinds, copy.definition.policies);
        drop_policies(m.kinds, api.policies);
    }
    copy.definition.apis = {std::move(api)};
    return {.service_id = copy.service.id,
            .number = copy.release,
            .definition = std::move(copy.definition)};
}

data::Json to_audit(const DebugRequest& request, const DebugCall& call) {
    data::Json json{{"method", call.method},
                    {"path", call.path},
                    {"environment", call.environment.code},
                    {"authentication", request.authentication == Held::To},
                    {"policies", request.policies == Held::To}};
    if (call.release.number > 0) { json["release"] = call.release.number; }
    if (request.credential) { json["credential"] = request.credential->str(); }
    return json;
}

/// The faults of a compilation point into the definition with the one API.
Error as_in_the_copy(Error error, std::size_t index) {
    constexpr std::string_view kOnly = "/apis/0";
    for (Fault& fault : error.faults) {
        if (!fault.pointer.starts_with(kOnly)) { continue; }
        fault.pointer.replace(0, kOnly.size(), data::child_pointer("/apis", index));
    }
    return error;
}

}  // namespace

Result<DebugAnswer> debug_call(Management& m, const Caller& caller, const DebugRequest& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    RETURN_IF_ERROR(load_service(tx, caller, Permission::DebugService, request.copy.service, {}));
    ASSIGN_OR_RETURN(LoadedCopy copy, load_copy(tx, caller, request.copy));
    const auto& apis = copy.definition.apis;
    const auto found = std::ranges::find(apis, request.api, &model::ApiDefinition::id);
    if (found == apis.end()) {
        return invalid_field(
            "/api", "debug.api",
            "is no API of this " + std::string(copy.release > 0 ? "release" : "draft"));
    }
    const auto index = static_cast<std::size_t>(found - apis.begin());
    const std::optional<std::string> path = path_of(request, *found);
    RETURN_IF_ERROR(check_request(request, path));
    ASSIGN_OR_RETURN(const model::Environment environment,
                     environment_of(tx, copy.service, request));
    if (request.credential) {
        RETURN_IF_ERROR(tx.credentials().get({.service_id = copy.service.id}, *request.credential,
                                             store::Secrets::Sealed));
    }
    const model::Service service = copy.service;
    const model::Release release = release_of(m, request, std::move(copy), index);
    const model::ApiDefinition& api = release.definition.apis.front();
    const DebugCall call{
        .service = service,
        .release = release,
        .environment = environment,
        .method = std::string(name(api.method)),
        .path = *path,
        .query = request.query,
        .headers = request.headers,
        .body = request.body,
        .credential = request.credential.value_or(model::CredentialId()),
        .client = request.client_ip.value_or(caller.client().remote),
        .timeout = request.timeout,
    };
    RETURN_IF_ERROR(record(tx, m, caller, "api.debug", subject_of(api, service),
                           {nullptr, to_audit(request, call)}));
    RETURN_IF_ERROR(tx.commit());
    Result<DebugAnswer> answer = m.publisher.debug(call);
    if (!answer) { return fail(as_in_the_copy(std::move(answer).error(), index)); }
    return answer;
}

}  // namespace lintel::management
