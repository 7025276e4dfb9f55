#include "model/definition.h"

#include <algorithm>

#include "model/names.h"

namespace lintel::model {

namespace {

constexpr Names<Protocol, 3> kProtocols{
    {{Protocol::Http, "HTTP"}, {Protocol::Https, "HTTPS"}, {Protocol::HttpAndHttps, "HTTP&HTTPS"}}};
constexpr Names<Method, 6> kMethods{{{Method::Get, "GET"},
                                     {Method::Post, "POST"},
                                     {Method::Patch, "PATCH"},
                                     {Method::Put, "PUT"},
                                     {Method::Delete, "DELETE"},
                                     {Method::Head, "HEAD"}}};
constexpr Names<Location, 4> kLocations{{{Location::Path, "path"},
                                         {Location::Query, "query"},
                                         {Location::Header, "header"},
                                         {Location::Body, "body"}}};
constexpr Names<ParameterType, 6> kParameterTypes{{{ParameterType::String, "string"},
                                                   {ParameterType::Integer, "integer"},
                                                   {ParameterType::Number, "number"},
                                                   {ParameterType::Boolean, "boolean"},
                                                   {ParameterType::Array, "array"},
                                                   {ParameterType::Object, "object"}}};
constexpr Names<SystemValue, 6> kSystemValues{{{SystemValue::ClientIp, "client_ip"},
                                               {SystemValue::RequestId, "request_id"},
                                               {SystemValue::Environment, "environment"},
                                               {SystemValue::ServiceId, "service_id"},
                                               {SystemValue::ApiId, "api_id"},
                                               {SystemValue::Caller, "caller"}}};
constexpr Names<ResponseType, 5> kResponseTypes{{{ResponseType::Json, "json"},
                                                 {ResponseType::Xml, "xml"},
                                                 {ResponseType::Text, "text"},
                                                 {ResponseType::Html, "html"},
                                                 {ResponseType::Binary, "binary"}}};

}  // namespace

std::string_view name(Protocol protocol) {
    return name_of(kProtocols, protocol);
}
std::optional<Protocol> parse_protocol(std::string_view text) {
    return value_of(kProtocols, text);
}
std::string_view name(Method method) {
    return name_of(kMethods, method);
}
std::optional<Method> parse_method(std::string_view text) {
    return value_of(kMethods, text);
}
std::string_view name(Location location) {
    return name_of(kLocations, location);
}
std::optional<Location> parse_location(std::string_view text) {
    return value_of(kLocations, text);
}
std::string_view name(ParameterType type) {
    return name_of(kParameterTypes, type);
}
std::optional<ParameterType> parse_parameter_type(std::string_view text) {
    return value_of(kParameterTypes, text);
}
std::string_view name(SystemValue value) {
    return name_of(kSystemValues, value);
}
std::optional<SystemValue> parse_system_value(std::string_view text) {
    return value_of(kSystemValues, text);
}
std::string_view name(ResponseType type) {
    return name_of(kResponseTypes, type);
}
std::optional<ResponseType> parse_response_type(std::string_view text) {
    return value_of(kResponseTypes, text);
}

const ApiDefinition* ServiceDefinition::find(const ApiId& id) const {
    const auto at = std::ranges::find(apis, id, &ApiDefinition::id);
    return at == apis.end() ? nullptr : &*at;
}

ApiDefinition* ServiceDefinition::find(const ApiId& id) {
    const auto at = std::ranges::find(apis, id, &ApiDefinition::id);
    return at == apis.end() ? nullptr : &*at;
}

}  // namespace lintel::model
