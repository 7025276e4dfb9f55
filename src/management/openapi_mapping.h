// Between OpenAPI documents and our definitions, both ways. Pure. Private to management.
#pragma once

#include <string>
#include <vector>

#include "management/call_address.h"
#include "management/import_file.h"
#include "model/service.h"
#include "openapi/document.h"

namespace lintel::management {

struct MappedDefinition {
    model::ServiceDefinition definition;
    std::vector<std::string> pointers;  ///< of the operation in the file, one per API
    std::vector<ImportWarning> warnings;
};

/// Names and texts are cut to our limits and made unique with a warning; an operation whose path
/// could never be called is left out with a warning. FileInvalid when a member "x-lintel" is not
/// what we write there.
Result<MappedDefinition> definition_of(const openapi::Document& document);

/// Faults of a definition as faults of the file it was read from: "/apis/3/path" is where operation
/// 3 stands, `pointers[3]`.
Error as_file_error(Error error, const std::vector<std::string>& pointers);

/// `version` is the number of the release, or "draft".
openapi::Document document_of(const model::ServiceDefinition& definition,
                              const std::string& version,
                              const std::vector<CallAddress>& addresses);

/// What stands under "x-lintel": the parts OpenAPI has no words for.
data::Json extension_of(const model::ServiceDefinition& definition);
data::Json extension_of(const model::ApiDefinition& api);

}  // namespace lintel::management
