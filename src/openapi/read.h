// Import: the text of an OpenAPI 3.0 file becomes a Document, or is refused with every reason at
// once. Nothing is ever fetched: a reference that leaves the file is a reason for refusal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "openapi/document.h"

namespace lintel::openapi {

enum class Format { Yaml, Json };

struct ImportOptions {
    std::size_t max_bytes = 102'400;
    std::size_t max_operations = 200;
    std::size_t max_parameters = 30;  ///< of one operation; one with more is skipped with a warning
    std::size_t max_depth = 64;
    /// Given with the import; stands in for a missing info.title.
    std::string service_name = {};
};

struct ImportResult {
    Document document;
    std::vector<Fault>
        warnings;  ///< what was left out or read differently, each with a pointer into the file
};

/// All or nothing. Fails with Code::FileTooLarge before the text is parsed, or Code::FileInvalid
/// with faults: pointer into the file, code ("openapi.version", "openapi.ref_outside", ...) and a
/// sentence that says what to do.
Result<ImportResult> read(std::string_view text, Format format, const ImportOptions& options = {});

}  // namespace lintel::openapi
