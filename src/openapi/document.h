// An OpenAPI 3.0 document as Lintel sees it: one flat list of operations with everything about them
// resolved. Import produces it, export consumes it; neither knows how services are stored.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/json.h"
#include "data/parameter_style.h"

namespace lintel::openapi {

enum class Location { Path, Query, Header };
std::string_view to_string(Location location);  ///< "path", "query", "header"

struct Parameter {
    std::string name;
    Location location = Location::Query;
    std::string type = "string";  ///< string integer number boolean array object
    bool required = false;
    std::string description;
    std::optional<data::Json> default_value;
    std::optional<data::Json> example;
    data::Json schema = data::Json::object();  ///< may refer to "#/components/schemas/..."
    data::ParameterStyle style = data::ParameterStyle::Form;
    bool explode = true;
    bool allow_empty = false;

    bool operator==(const Parameter&) const = default;
};

struct MediaType {
    std::string type;  ///< "application/json", lower-case, without parameters
    data::Json schema = data::Json::object();  ///< {} when none was given
    std::optional<data::Json> example;

    bool operator==(const MediaType&) const = default;
};

/// JSON (also application/*+json) and the two kinds of form have fields; any other body is raw.
bool is_json(std::string_view media_type);
bool is_form(std::string_view media_type);

struct RequestBody {
    bool required = false;
    std::string description;
    std::vector<MediaType> content;  ///< in document order

    /// The first JSON or form content, which is the one with body parameters; nullptr: the body is
    /// raw.
    const MediaType* structured() const;
    bool operator==(const RequestBody&) const = default;
};

struct Response {
    std::string status;  ///< "200", "4XX" or "default"
    std::string description;
    std::string media_type;  ///< of the first content; empty: no body
    data::Json schema = data::Json::object();
    std::optional<data::Json> example;

    bool operator==(const Response&) const = default;
};

/// An error the API may answer with that is not a status of its own; member "x-error-codes".
struct ErrorCode {
    std::string code;
    std::string message;
    std::string description;

    bool operator==(const ErrorCode&) const = default;
};

enum class AuthChoice { None, Basic, OAuth2, Hmac };

/// A backend that the file names itself (x-apigw-backend), beside its servers.
struct MockBackend {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    bool operator==(const MockBackend&) const = default;
};
struct HttpBackend {
    std::string base_url;  ///< "https://host:port"
    std::string path;      ///< "/v1/pets/{id}"
    std::string method;    ///< "GET"; empty: that of the operation

    bool operator==(const HttpBackend&) const = default;
};

struct Operation {
    std::string pointer;  ///< where it stands in the file; empty in documents that were not read
    std::string method;   ///< GET POST PATCH PUT DELETE HEAD
    std::string path;     ///< "/pets/{id}"
    std::string operation_id;
    std::string summary;
    std::string description;
    std::string tag;  ///< the first one; empty: none
    bool deprecated = false;
    std::vector<Parameter> parameters;
    std::optional<RequestBody> body;
    std::vector<Response> responses;  ///< in document order
    std::vector<ErrorCode> error_codes;
    AuthChoice auth = AuthChoice::None;
    /// At most one of the two; they and the timeout are read, never written.
    std::optional<MockBackend> mock_backend;
    std::optional<HttpBackend> http_backend;
    std::optional<int> timeout_ms;
    /// Member "x-lintel": what Lintel adds for its own members (backend, mapping, policies). Opaque
    /// here.
    std::optional<data::Json> extension;

    /// `summary`, else `operation_id`, else "METHOD path".
    std::string name() const;
    /// The lowest 2xx response with an example, else the lowest 2xx one; nullptr: none is declared.
    const Response* success() const;
};

struct Server {
    std::string url;
    std::string description;

    bool operator==(const Server&) const = default;
};

struct Tag {
    std::string name;
    std::string description;

    bool operator==(const Tag&) const = default;
};

struct Document {
    std::string title;
    std::string description;
    std::string version;
    std::vector<Server> servers;  ///< variables replaced by their defaults
    std::vector<Tag> tags;        ///< declared and used ones, each once, in order of appearance
    std::vector<Operation> operations;
    /// {"schemas": {...}}: what the operations refer to, no more.
    data::Json components = data::Json::object();
    std::string token_url;  ///< written for OAuth2.0 operations; empty after reading
    /// Member "x-lintel" of the document; opaque here.
    std::optional<data::Json> extension;
};

/// "https://host:port" + "/base" of an absolute http or https URL.
struct ServerAddress {
    std::string scheme;    ///< "http" or "https"
    std::string base_url;  ///< scheme, host and port
    std::string path;      ///< without trailing slash; "" when there is none
};
/// nullopt when the URL is relative or of another scheme.
std::optional<ServerAddress> absolute_server(std::string_view url);

}  // namespace lintel::openapi
