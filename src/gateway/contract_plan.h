// The compiled form of a contract. Private to contract.cc and contract_build.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/json.h"
#include "data/parameter_style.h"
#include "data/schema.h"
#include "gateway/contract.h"

namespace lintel::gateway {

struct ContractParameter {
    std::size_t index = 0;  ///< place in the definition
    std::string pointer;    ///< "/query/limit", for faults
    data::ParameterShape shape;
    bool required = false;
    std::optional<data::Json> otherwise;         ///< the default
    std::shared_ptr<const data::Schema> schema;  ///< null: the shape says it all

    bool operator==(const ContractParameter&) const = default;
};

/// One media type of the body.
struct ContractBody {
    std::string essence;                         ///< "application/json", "text/*", "*/*"
    std::shared_ptr<const data::Schema> schema;  ///< null: anything
    std::vector<data::ParameterShape> fields;    ///< properties, for forms
    std::vector<std::string> required;           ///< properties, for multipart
    bool closed = false;                         ///< no other fields, for multipart

    bool operator==(const ContractBody&) const = default;
};

struct Contract::Plan {
    std::size_t parameter_count = 0;
    std::vector<ContractParameter> path;
    std::vector<ContractParameter> query;
    std::vector<ContractParameter> header;
    std::vector<ContractParameter> fields;           ///< top-level fields of a JSON or form body
    std::vector<data::ParameterShape> field_shapes;  ///< of `fields`
    std::vector<ContractBody> bodies;                ///< empty: any media type
    bool body_required = false;
    /// Some body of this api has to be understood.
    bool understands_bodies = false;
    bool reads_parameters = false;

    bool operator==(const Plan&) const = default;
};

}  // namespace lintel::gateway
