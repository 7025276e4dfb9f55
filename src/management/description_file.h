// From a draft or a release to an OpenAPI 3.0 file that imports again to the same APIs.
#pragma once

#include <string>

#include "management/apis.h"
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

}  // namespace lintel::management
