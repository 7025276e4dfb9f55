#include "data/yaml.h"
#include "management/call_address.h"
#include "management/description_file.h"
#include "management/openapi_mapping.h"
#include "management/service_copy.h"
#include "management/steps.h"
#include "openapi/write.h"

namespace lintel::management {

Result<std::string> describe_service(Management& m, const Caller& caller,
                                     const DescriptionRequest& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const LoadedCopy loaded, load_copy(tx, caller, request.copy));
    ASSIGN_OR_RETURN(const std::vector<CallAddress> addresses,
                     call_addresses(m, tx, loaded.service));
    const std::string version =
        loaded.release == 0 ? std::string("draft") : std::to_string(loaded.release);
    const data::Json file = openapi::write(document_of(loaded.definition, version, addresses),
                                           {.with_extensions = request.with_backends});
    return request.format == FileFormat::Json ? data::dump_pretty(file) : data::to_yaml(file);
}

}  // namespace lintel::management
