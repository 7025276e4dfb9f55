// Checks that creating and editing credentials share. Private to management.
#pragma once

#include <string>

#include "management/management.h"
#include "management/steps.h"
#include "model/credential.h"
#include "store/store.h"

namespace lintel::management {

Status check_secret(const Secret& secret, const std::string& pointer);
Status check_credential_texts(const std::string& name, const std::string& description);
Status require_free_credential_name(store::Transaction& tx, const model::ServiceId& service,
                                    const std::string& name, const model::CredentialId& except);

inline Subject subject_of(const model::Credential& credential, const model::Service& service) {
    return {.type = "credential",
            .id = credential.id.str(),
            .name = credential.name,
            .project = service.project_id};
}

}  // namespace lintel::management
