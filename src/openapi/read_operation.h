// One operation of the file: its parameters, body, responses, security and backend. Internal to
// openapi.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "openapi/document.h"
#include "openapi/path_template.h"
#include "openapi/read.h"
#include "openapi/schemas.h"
#include "openapi/source.h"

namespace lintel::openapi {

/// What all operations of a file share. Owned by one import.
struct ReadContext {
    Source& source;
    Schemas& schemas;
    const ImportOptions& options;
};

/// Where an operation stands.
struct OperationSite {
    Place operation;
    Place path_item;
    std::string method;  ///< upper-case
    std::string path;
    PathTemplate path_template;
};

/// nullopt: left out with a warning, or faulty.
std::optional<Operation> read_operation(ReadContext& context, const OperationSite& site);

/// Parameters of the operation and its path item; nullopt: there are more than allowed.
std::optional<std::vector<Parameter>> read_parameters(ReadContext& context,
                                                      const OperationSite& site);
std::optional<RequestBody> read_body(ReadContext& context, const Place& operation);
std::vector<Response> read_responses(ReadContext& context, const Place& operation);
AuthChoice read_security(ReadContext& context, const Place& operation);
/// x-apigw-backend and its companions, and servers of the operation or its path.
void read_backend(ReadContext& context, const OperationSite& site, Operation& operation);

/// `example`, else the first of `examples`, of a parameter or media type, else the example of its
/// schema.
std::optional<data::Json> read_example(ReadContext& context, const Place& owner,
                                       const std::optional<Place>& schema);

/// The address of servers[0] with its variables replaced; empty when there is none.
std::vector<Server> read_servers(Source& source, const Place& owner);

}  // namespace lintel::openapi
