// The definition of a service: what a draft edits, a release freezes and the compiler turns into
// routes. Plain values; the JSON form (to_json, *_from_json) is the release document and the shape
// of the management API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/json.h"
#include "model/ids.h"
#include "model/labels.h"

namespace lintel::model {

inline constexpr std::string_view kDefaultGroup = "Default";
inline constexpr int kMinTokenTtlS = 60;
inline constexpr int kMaxTokenTtlS = 86'400;

using Faults = std::vector<Fault>;

enum class Protocol { Http, Https, HttpAndHttps };
std::string_view name(Protocol protocol);  ///< "HTTP", "HTTPS", "HTTP&HTTPS"
std::optional<Protocol> parse_protocol(std::string_view text);

enum class Method { Get, Post, Patch, Put, Delete, Head };
std::string_view name(Method method);  ///< "GET" ...
std::optional<Method> parse_method(std::string_view text);

enum class Location { Path, Query, Header, Body };
std::string_view name(Location location);  ///< "path" ...
std::optional<Location> parse_location(std::string_view text);

enum class ParameterType { String, Integer, Number, Boolean, Array, Object };
std::string_view name(ParameterType type);  ///< "string" ...
std::optional<ParameterType> parse_parameter_type(std::string_view text);

/// The use of one plugin: a policy, an auth method or a backend. The config is checked against the
/// plugin's schema.
struct PluginUse {
    std::string
        kind;  ///< "rate_limit", "hmac", "http"...; empty: not chosen yet (only a backend may be)
    data::Json config = data::Json::object();

    bool chosen() const { return !kind.empty(); }
    bool operator==(const PluginUse&) const = default;
};

struct Parameter {
    std::string name = {};
    Location location = Location::Query;
    ParameterType type = ParameterType::String;
    bool required = false;
    data::Json default_value = nullptr;  ///< JSON member "default"; null: none
    data::Json example = nullptr;        ///< null: none
    std::string description = {};
    data::Json schema = nullptr;  ///< full OpenAPI 3.0 schema; null: `type` alone says it
    std::string style = {};       ///< OpenAPI style, or "json"; empty: the default of the location
    std::optional<bool> explode = {};  ///< absent: the default of the style
    bool allow_empty_value = false;

    bool operator==(const Parameter&) const = default;
};

/// One media type a body may have, with the schema the body must satisfy (null: anything).
struct MediaType {
    std::string media_type = {};
    data::Json schema = nullptr;

    bool operator==(const MediaType&) const = default;
};

struct RequestBody {
    bool required = false;
    std::string description = {};
    std::vector<MediaType> content =
        {};  ///< in document order; JSON: an object keyed by media type

    bool operator==(const RequestBody&) const = default;
};

enum class SystemValue { ClientIp, RequestId, Environment, ServiceId, ApiId, Caller };
std::string_view name(SystemValue value);  ///< "client_ip" ...
std::optional<SystemValue> parse_system_value(std::string_view text);

/// Where a mapped value comes from; exactly one of the three.
struct MappingSource {
    enum class Kind { Parameter, Constant, System };
    Kind kind = Kind::Constant;
    Location location = Location::Query;  ///< Parameter: where the client sends it
    std::string name = {};                ///< Parameter: its name; in a body a dotted path
    data::Json constant =
        nullptr;  ///< Constant: a scalar (any JSON value when it goes into the body)
    SystemValue system = SystemValue::ClientIp;

    bool operator==(const MappingSource&) const = default;
};

/// One row of the mapping: a value the backend receives.
struct MappingRow {
    Location location = Location::Query;
    std::string name = {};  ///< in a body a dotted path
    MappingSource from = {};

    bool operator==(const MappingRow&) const = default;
};

struct Mapping {
    std::vector<MappingRow> rows = {};
    bool only_mapped = false;  ///< true: parameters without a row are not passed on

    bool operator==(const Mapping&) const = default;
};

enum class ResponseType { Json, Xml, Text, Html, Binary };
std::string_view name(ResponseType type);  ///< "json" ...
std::optional<ResponseType> parse_response_type(std::string_view text);

struct ErrorCode {
    std::string code = {};
    std::string message = {};
    std::string description = {};
    std::string converted_code = {};
    bool convert = false;

    bool operator==(const ErrorCode&) const = default;
};

/// What the API answers: documentation, and the source of a mock's answer.
struct ResponseInfo {
    ResponseType type = ResponseType::Json;
    std::string media_type = {};  ///< of the success answer; empty: the usual one of the type
    int success_status = 200;
    std::string success_example = {};  ///< text as sent
    std::string failure_example = {};
    data::Json schema = nullptr;  ///< of the success answer; null: unknown
    std::vector<ErrorCode> error_codes = {};

    bool operator==(const ResponseInfo&) const = default;
};

struct ApiDefinition {
    ApiId id = {};  ///< "api_..."; stable over drafts and releases
    std::string name = {};
    std::string description = {};
    std::string group = std::string(kDefaultGroup);
    Labels labels = {};
    Method method = Method::Get;
    std::string path = {};
    PluginUse auth{.kind = "none"};
    std::vector<Parameter> parameters = {};
    std::optional<RequestBody> body = {};
    std::vector<PluginUse> policies = {};
    PluginUse backend = {};
    Mapping mapping = {};
    ResponseInfo responses = {};

    bool operator==(const ApiDefinition&) const = default;
};

struct ApiGroup {
    std::string id = {};  ///< "agr_..."
    std::string name = {};

    bool operator==(const ApiGroup&) const = default;
};

struct OAuth2Settings {
    int token_ttl_s = 7200;  ///< 60..86400
    bool allow_get = true;   ///< the token address answers GET with the key pair in the query

    bool operator==(const OAuth2Settings&) const = default;
};

struct ServiceDefinition {
    std::string name = {};
    std::string description = {};
    Protocol protocol = Protocol::HttpAndHttps;
    std::string group = std::string(kDefaultGroup);
    Labels labels = {};
    std::vector<PluginUse> policies = {};  ///< run in this order
    OAuth2Settings oauth2 = {};
    bool allow_encoded_slashes = false;
    /// The "components" object of an imported file, kept so that schemas may say
    /// "#/components/schemas/Pet".
    data::Json components = data::Json::object();
    std::vector<ApiGroup> api_groups = {};
    std::vector<ApiDefinition> apis = {};

    const ApiDefinition* find(const ApiId& id) const;
    ApiDefinition* find(const ApiId& id);
    bool operator==(const ServiceDefinition&) const = default;
};

data::Json to_json(const PluginUse& use);
data::Json to_json(const Parameter& parameter);
data::Json to_json(const ApiDefinition& api);
data::Json to_json(const ApiGroup& group);
data::Json to_json(const ServiceDefinition& definition);

/// Strict: unknown members, wrong types and unknown enumerators are refused, all of them at once,
/// each with its JSON pointer. Members left out take their defaults. Only the shape is checked
/// here; the rules are in model/rules.h.
Result<ServiceDefinition> service_definition_from_json(const data::Json& json);
Result<ApiDefinition> api_definition_from_json(const data::Json& json);

}  // namespace lintel::model
