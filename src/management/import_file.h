// From an OpenAPI 3.0 file to a service with its draft. All or nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "management/services.h"

namespace lintel::management {

enum class FileFormat { Yaml, Json };
std::optional<FileFormat> parse_file_format(std::string_view text);  ///< "yaml", "json"

struct ImportRequest {
    std::string text = {};
    std::optional<FileFormat> format = {};  ///< absent: YAML, of which JSON is a part
    std::optional<std::string> name = {};   ///< instead of info.title
    std::optional<std::string> code = {};
    std::optional<std::string> group = {};
    std::optional<std::string> project = {};      ///< id or name; absent: the default one
    bool mock_backends = false;                   ///< all backends become mocks
    std::vector<model::PluginUse> policies = {};  ///< service policy info
};

struct ImportWarning {
    std::string pointer = {};  ///< into the file
    std::string detail = {};
};

struct ImportResult {
    ServiceView service = {};
    std::size_t api_count = 0;
    std::vector<ImportWarning> warnings = {};
};

/// FileTooLarge before parsing; FileInvalid with a pointer per fault.
Result<Written<ImportResult>> import_file(Management& m, const Caller& caller,
                                          const ImportRequest& request);

}  // namespace lintel::management
