// Whose credentials somebody may do what with, and the checks that creating and editing share.
// Private to management.
#pragma once

#include <string>

#include "management/credentials.h"
#include "management/steps.h"
#include "model/credential.h"
#include "store/store.h"

namespace lintel::management {

/// Of a service, each is a permission in its project. One's own one may always have; those of other
/// users a system administrator sees, and switches on and off, but never reveals.
enum class CredentialAccess { Read, Write, Switch, Reveal };

/// The service that is named, or else the caller.
Result<model::CredentialOwner> load_owner(store::Transaction& tx, const Caller& caller,
                                          CredentialAccess access, const std::string& service);
Result<model::Credential> load_credential(store::Transaction& tx, const Caller& caller,
                                          CredentialAccess access, const CredentialRef& ref,
                                          store::Secrets secrets = store::Secrets::Sealed);

Status check_secret(const Secret& secret, const std::string& pointer);
/// FieldInvalid with every fault of name, description and attributes.
Status check_credential_texts(const model::Credential& credential);
/// NameTaken when another credential of its owner has the name.
Status require_free_credential_name(store::Transaction& tx, const model::Credential& credential);

/// Adds it within a transaction, with its audit event.
Result<model::Credential> add_credential(Management& m, store::Transaction& tx,
                                         const Caller& caller, const NewCredential& request);

/// With the project of the service, when it is a service's.
Result<Subject> subject_of(store::Transaction& tx, const model::Credential& credential);

}  // namespace lintel::management
