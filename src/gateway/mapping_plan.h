// The compiled form of a mapping. Private to the mapping*.cc and parameter_text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.h"
#include "gateway/mapping.h"

namespace lintel::gateway {

enum class SystemValue : std::uint8_t {
    ClientIp,
    RequestId,
    Environment,
    ServiceId,
    ApiId,
    Caller,  ///< id of the credential; absent for anonymous callers
};

/// Where the value of a row comes from.
struct RowSource {
    enum class Kind : std::uint8_t { Parameter, BodyField, Constant, System };
    Kind kind = Kind::Constant;
    std::size_t parameter = 0;            ///< Parameter: its place in the definition
    std::vector<std::string> field_path;  ///< BodyField
    data::Json constant;
    SystemValue system = SystemValue::ClientIp;

    bool operator==(const RowSource&) const = default;
};

/// One value for the backend.
struct Row {
    std::string name;
    std::vector<std::string> field_path;  ///< of a body target
    RowSource from;
    std::string from_text;  ///< "query parameter 'x'", for refusals

    bool operator==(const Row&) const = default;
};

/// A piece of the backend's path: literal text, then a value.
struct PathPiece {
    enum class Kind : std::uint8_t {
        None,       ///< the literal only
        Parameter,  ///< what the client has at {name}, as it stands there
        Rest,       ///< the same for "*" or {name+}, slashes included; may be empty
        Row,
    };
    std::string literal = {};
    Kind kind = Kind::None;
    std::string name = {};  ///< Parameter, Rest
    std::size_t row = 0;    ///< Row: index of Plan::path_rows

    bool operator==(const PathPiece&) const = default;
};

/// The query names that belong to one parameter: a style may spread an object over several.
struct QueryNames {
    std::vector<std::string> exact;
    std::string prefix = {};  ///< "filter[" for deepObject, else empty

    bool covers(std::string_view name) const;
    bool operator==(const QueryNames&) const = default;
};

struct QueryDefault {
    QueryNames names;
    std::string fragment;  ///< "a=1&a=2", encoded

    bool operator==(const QueryDefault&) const = default;
};
struct NamedText {
    std::string name;
    std::string text;

    bool operator==(const NamedText&) const = default;
};
struct NamedValue {
    std::string name;
    data::Json value;

    bool operator==(const NamedValue&) const = default;
};

struct Mapping::Plan {
    std::string method;  ///< empty: the client's
    bool only_mapped = false;

    std::vector<PathPiece> path;  ///< empty: the path the client called
    std::vector<Row> path_rows;

    std::vector<Row> query_rows;
    std::vector<QueryNames> dropped_query;   ///< moved elsewhere, or written by a row
    std::vector<QueryNames> declared_query;  ///< what only_mapped lets through
    std::vector<QueryDefault> query_defaults;
    bool rewrites_query = false;

    std::vector<Row> field_rows;
    std::vector<std::string> dropped_fields;
    std::vector<std::string> declared_fields;
    std::vector<NamedText> field_defaults;

    std::vector<Row> body_rows;
    std::vector<std::string> dropped_members;   ///< of the client's body: moved elsewhere
    std::vector<std::string> declared_members;  ///< what only_mapped lets through
    std::vector<NamedValue> member_defaults;
    bool declares_body = false;    ///< a body schema covers the whole body
    bool rewrites_body = false;    ///< the body is taken apart and written again
    bool looks_into_body = false;  ///< some row reads a field of it
    bool writes_form = false;      ///< a body made from nothing is a form

    bool operator==(const Plan&) const = default;
};

/// Fills Plan::method and Plan::path from the backend of `api` and Plan::path_rows, which are there
/// already. What is wrong is added to `faults`.
void plan_path(const data::Json& api, Mapping::Plan& plan, std::vector<Fault>& faults);

}  // namespace lintel::gateway
