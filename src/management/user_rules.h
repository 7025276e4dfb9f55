// What users are held to. Private to management.
#pragma once

#include <string>
#include <vector>

#include "management/steps.h"
#include "management/users.h"

namespace lintel::management {

/// The user with the password hashed, which takes a tenth of a second: not inside a transaction.
/// FieldInvalid with every fault. The name comes out in lower case.
Result<model::User> make_user(Management& m, const NewUser& request);
/// FieldInvalid when display name or e-mail are not acceptable.
Status check_profile(const model::User& user);
/// FieldInvalid when the password is too short or too long.
Status check_password(const Secret& password);

/// Who is no system administrator may have been allowed to write users, but not to become one:
/// users who are, or are to be, are for those who are. PermissionDenied.
Status require_rank(const Caller& caller, const model::User& user);

/// Adds it; NameTaken.
Status add_user(store::Transaction& tx, const model::User& user);
/// By id or name, at the version expected; NotFound.
Result<model::User> load_user(store::Transaction& tx, const std::string& id_or_name,
                              ExpectedVersion expected);

}  // namespace lintel::management
