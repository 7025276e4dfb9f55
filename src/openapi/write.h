// Export: a Document becomes an OpenAPI 3.0.0 description file. What was written reads back to the
// same operations.
#pragma once

#include "data/json.h"
#include "openapi/document.h"

namespace lintel::openapi {

struct WriteOptions {
    /// Backends and the members named "x-lintel" are for the members of the project only, never for
    /// callers.
    bool with_extensions = false;
};

data::Json write(const Document& document, const WriteOptions& options = {});

}  // namespace lintel::openapi
