#include "management/user_rules.h"

namespace lintel::management {

Result<Page<model::User>> list_users(Management& m, const Caller& caller, const std::string& text,
                                     const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadUser));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(std::vector<model::User> users,
                     tx.users().list(text, {.after = after, .limit = limit}));
    return page_of(std::move(users), page, [](const model::User& user) { return user.name; });
}

Result<model::User> show_user(Management& m, const Caller& caller, const std::string& user) {
    RETURN_IF_ERROR(caller.require(Permission::ReadUser));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return load_user(tx, user, {});
}

}  // namespace lintel::management
