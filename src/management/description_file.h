// From a draft or a release to an OpenAPI 3.0 file that imports again to the same APIs, and from
// the edited file back to the draft.
#pragma once

#include <string>

#include "management/apis.h"
#include "management/comparison.h"
#include "management/import_file.h"
#include "management/management.h"

namespace lintel::management {

struct DescriptionRequest {
    ServiceCopy copy = {};
    FileFormat format = FileFormat::Yaml;
    bool with_backends =
        false;  ///< adds "x-lintel" with backends and mapping: for members, never for a catalogue
};

Result<std::string> describe_service(Management& m, const Caller& caller,
                                     const DescriptionRequest& request);

struct DescriptionEdit {
    std::string service = {};
    std::string text = {};
    std::optional<FileFormat> format = {};  ///< absent: YAML, of which JSON is a part
    bool dry_run = false;                   ///< only says what would change
    ExpectedVersion expected = {};
};

struct DescriptionChange {
    Comparison changes = {};
    std::vector<ImportWarning> warnings = {};
    ServiceView service = {};
};

/// Makes the draft what the file says: operations are APIs by method and path, those the file does
/// not have go. What a file cannot say (backends, mapping, policies, when it has no "x-lintel")
/// stays as it is. A file that changes nothing leaves no trace. All or nothing; FileInvalid with a
/// pointer per fault.
Result<Written<DescriptionChange>> change_description(Management& m, const Caller& caller,
                                                      const DescriptionEdit& edit);

}  // namespace lintel::management
