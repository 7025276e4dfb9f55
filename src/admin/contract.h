// The management API as its contract says it: api/management.yaml, read at start by the same
// machinery that serves customers' documents. Routes, validation and permissions come from here and
// from nowhere else.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "data/json.h"
#include "data/parameter_style.h"
#include "data/schema.h"
#include "management/permission.h"

namespace lintel::admin {

/// What a caller must hold to use an operation.
struct Access {
    enum class Kind { Open, AnyCaller, Permitted };
    Kind kind = Kind::AnyCaller;
    management::Permission permission = management::Permission::ReadService;  ///< for Permitted
};

struct Parameter {
    data::ParameterShape shape;
    std::shared_ptr<const data::Schema> schema;
    std::optional<data::Json> default_value;
    bool required = false;
};

struct BodyRule {
    bool required = false;
    std::vector<std::string> media_types;
    std::shared_ptr<const data::Schema> schema;
};

enum class Presence { Absent, Optional, Required };

struct Operation {
    std::string id;
    std::string method;
    std::string path;                   ///< template: "/api/v1/users/{user}"
    std::vector<std::string> segments;  ///< of the template
    Access access;
    std::vector<Parameter> path_parameters;
    std::vector<Parameter> query_parameters;
    Presence if_match = Presence::Absent;
    bool takes_idempotency_key = false;
    std::optional<BodyRule> body;
};

/// Role: all operations, found by method and path. Immutable after build; safe to share between
/// threads.
class Contract {
public:
    /// Reads the embedded file. A fault in it is a programmer's error and stops the start.
    static Result<Contract> build();
    /// The same from any text.
    static Result<Contract> parse(std::string_view yaml);

    struct Match {
        const Operation* operation = nullptr;  ///< null: no such path, or the method is not offered
        std::vector<std::pair<std::string_view, std::string>> values;  ///< path parameters, decoded
        std::vector<std::string_view> allowed;                         ///< methods of the path
    };
    /// `path`: as sent, without the query.
    Match match(std::string_view method, std::string_view path) const;

    const Operation* find(std::string_view operation_id) const;
    /// The operation that shows the object another operation of the same path writes; nullptr:
    /// there is none.
    const Operation* reader_of(const Operation& operation) const;
    const std::vector<Operation>& operations() const { return operations_; }
    /// The whole document, as it is served.
    const data::Json& document() const { return document_; }

private:
    Contract() = default;

    data::Json document_;
    std::vector<Operation> operations_;
};

}  // namespace lintel::admin
