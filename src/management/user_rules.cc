#include "management/user_rules.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxUserName = 64;
constexpr std::size_t kMaxDisplayName = 64;
constexpr std::size_t kMaxEmail = 254;  // RFC 5321, errata 1690
constexpr std::size_t kMinPassword = 10;
constexpr std::size_t kMaxPassword = 256;
constexpr std::string_view kUserPrefix = "usr_";

bool is_user_name(std::string_view name) {
    // A name that looks like an id could stand for another user.
    return !name.empty() && name.size() <= kMaxUserName && !name.starts_with(kUserPrefix) &&
           std::ranges::all_of(name, [](char c) {
               return is_lower(c) || is_digit(c) || std::string_view("._@-").contains(c);
           });
}

/// Something on both sides of one "@"; whether it takes mail only a mail can tell.
bool is_email(std::string_view text) {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.size() <= kMaxEmail && text.find('@', at + 1) == std::string_view::npos &&
           std::ranges::none_of(text, [](char c) { return c <= 0x20 || c == 0x7f; });
}

void find_faults(const model::User& user, std::vector<Fault>& faults) {
    if (model::character_count(user.display_name) > kMaxDisplayName) {
        faults.push_back({"/display_name", "field.length", "may have at most 64 characters"});
    }
    if (!user.email.empty() && !is_email(user.email)) {
        faults.push_back({"/email", "user.email", "is no e-mail address"});
    }
}

void find_faults(const Secret& password, std::vector<Fault>& faults) {
    const std::size_t length = model::character_count(password.reveal());
    if (length < kMinPassword || password.reveal().size() > kMaxPassword) {
        faults.push_back({"/password", "user.password",
                          "must have at least 10 characters and at most 256 bytes"});
    }
}

Status as_status(std::vector<Fault> faults) {
    return faults.empty() ? Status{} : fail(invalid_fields(std::move(faults)));
}

}  // namespace

Result<model::User> make_user(Management& m, const NewUser& request) {
    model::User user{.id = model::UserId(make_id("usr")),
                     .name = to_lower(request.name),
                     .display_name = request.display_name,
                     .email = request.email,
                     .is_system_admin = request.is_system_admin,
                     .created_at = m.clock.now_ms()};
    std::vector<Fault> faults;
    if (!is_user_name(user.name)) {
        faults.push_back({"/name", "user.name",
                          "must be 1 to 64 letters, digits, '.', '_', '@' or '-', and must not "
                          "begin with 'usr_'"});
    }
    find_faults(request.password, faults);
    find_faults(user, faults);
    RETURN_IF_ERROR(as_status(std::move(faults)));
    user.password_hash = m.guard.passwords().hash(request.password);
    return user;
}

Status check_profile(const model::User& user) {
    std::vector<Fault> faults;
    find_faults(user, faults);
    return as_status(std::move(faults));
}

Status check_password(const Secret& password) {
    std::vector<Fault> faults;
    find_faults(password, faults);
    return as_status(std::move(faults));
}

Status require_rank(const Caller& caller, const model::User& user) {
    if (!user.is_system_admin || caller.is_system_admin()) { return {}; }
    return fail(Code::PermissionDenied, "The user '" + user.name +
                                            "' is a system administrator, or is to be one; only "
                                            "another one may change that.");
}

Status add_user(store::Transaction& tx, const model::User& user) {
    ASSIGN_OR_RETURN(const std::optional<model::User> taken, tx.users().find_by_name(user.name));
    if (taken) {
        return fail({.code = Code::NameTaken,
                     .message = "There is already a user '" + user.name + "'.",
                     .faults = {{"/name", "name.taken", "is the name of another user"}}});
    }
    return tx.users().add(user);
}

Result<model::User> load_user(store::Transaction& tx, const std::string& id_or_name,
                              ExpectedVersion expected) {
    ASSIGN_OR_RETURN(std::optional<model::User> user, tx.users().find_any(to_lower(id_or_name)));
    if (!user) { return fail(Code::NotFound, "There is no user '" + id_or_name + "'."); }
    RETURN_IF_ERROR(require_version(user->version, expected));
    return *std::move(user);
}

}  // namespace lintel::management
