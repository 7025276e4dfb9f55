// Users as system administrators see them, and passwords. A user is named by id or name.
#pragma once

#include <optional>
#include <string>

#include "base/secret.h"
#include "management/management.h"
#include "model/account.h"

namespace lintel::management {

struct NewUser {
    std::string name = {};  ///< what one logs in with
    Secret password = {};
    std::string display_name = {};
    std::string email = {};
    bool is_system_admin = false;
};
Result<model::User> create_user(Management& m, const Caller& caller, const NewUser& request);

/// By name. `text`: part of name, display name or e-mail, in any case.
Result<Page<model::User>> list_users(Management& m, const Caller& caller, const std::string& text,
                                     const PageRequest& page);
Result<model::User> show_user(Management& m, const Caller& caller, const std::string& user);

struct UserEdit {
    std::optional<std::string> display_name = {};
    std::optional<std::string> email = {};
    std::optional<bool> is_system_admin = {};
    std::optional<bool> mail_notifications = {};
    std::optional<bool> enabled = {};  ///< false: no log-in, and every token is gone at once
};
/// StateConflict when root would not be an enabled system administrator any more.
Result<model::User> edit_user(Management& m, const Caller& caller, const std::string& user,
                              const UserEdit& edit, ExpectedVersion expected);
/// Of the caller.
struct AccountEdit {
    std::optional<std::string> display_name = {};
    std::optional<std::string> email = {};
    std::optional<bool> mail_notifications = {};  ///< whether mails about applications are sent
};
Result<model::User> edit_account(Management& m, const Caller& caller, const AccountEdit& edit,
                                 ExpectedVersion expected);
/// With tokens and memberships. Refused for root.
Status delete_user(Management& m, const Caller& caller, const std::string& user,
                   ExpectedVersion expected);

/// Ends the user's sessions. The password of root is set by root only.
Status set_password(Management& m, const Caller& caller, const std::string& user,
                    const Secret& password);
/// Of the caller, who proves to know the current one; ends the caller's other sessions.
Status change_password(Management& m, const Caller& caller, const Secret& current,
                       const Secret& password);

}  // namespace lintel::management
