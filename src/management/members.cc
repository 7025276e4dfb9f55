#include "management/project_view.h"
#include "management/user_rules.h"

namespace lintel::management {

namespace {

/// A membership on its way to be changed.
struct Target {
    model::Project project;
    model::User user;
    std::optional<model::Membership> before;
};

Result<Target> load_target(store::Transaction& tx, const Caller& caller, Permission permission,
                           const MemberRef& ref) {
    ASSIGN_OR_RETURN(model::Project project, load_project(tx, caller, permission, ref.project));
    ASSIGN_OR_RETURN(model::User user, load_user(tx, ref.user, {}));
    ASSIGN_OR_RETURN(std::optional<model::Membership> before,
                     tx.members().find(project.id, user.id));
    return Target{std::move(project), std::move(user), std::move(before)};
}

std::unexpected<Error> no_member(const MemberRef& ref) {
    return fail(Code::NotFound, "There is no user '" + ref.user + "' among the members.");
}

/// Administrators of projects are made and unmade from above.
Status require_appointment(const Caller& caller, const std::optional<model::Membership>& before,
                           model::ProjectRole after) {
    const bool concerns_admin =
        after == model::ProjectRole::Admin || (before && before->role == model::ProjectRole::Admin);
    return concerns_admin ? caller.require(Permission::WriteProject) : Status{};
}

Status finish(store::Transaction& tx, Management& m, const Caller& caller, Target& target,
              std::string_view action, const data::Json& after) {
    ++target.project.version;
    RETURN_IF_ERROR(tx.projects().save(target.project));
    RETURN_IF_ERROR(
        record(tx, m, caller, action, subject_of(target.project),
               {target.before ? model::to_json(*target.before) : data::Json(nullptr), after}));
    return tx.commit();
}

}  // namespace

Result<OfProject<Page<model::Membership>>> list_members(Management& m, const Caller& caller,
                                                        const std::string& project,
                                                        const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Project found,
                     load_project(tx, caller, Permission::ReadMember, project));
    ASSIGN_OR_RETURN(std::vector<model::Membership> members,
                     tx.members().of_project(found.id, {.after = after, .limit = limit}));
    return OfProject<Page<model::Membership>>{
        page_of(std::move(members), page,
                [](const model::Membership& membership) { return membership.user_name; }),
        found.version};
}

Result<OfProject<model::Membership>> show_member(Management& m, const Caller& caller,
                                                 const MemberRef& ref) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Project project,
                     load_project(tx, caller, Permission::ReadMember, ref.project));
    ASSIGN_OR_RETURN(const std::optional<model::User> user, tx.users().find_any(ref.user));
    if (!user) { return no_member(ref); }
    ASSIGN_OR_RETURN(std::optional<model::Membership> found,
                     tx.members().find(project.id, user->id));
    if (!found) { return no_member(ref); }
    return OfProject<model::Membership>{*std::move(found), project.version};
}

Result<OfProject<model::Membership>> put_member(Management& m, const Caller& caller,
                                                const MemberRef& ref, const MemberGrade& grade,
                                                ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(Target target, load_target(tx, caller, Permission::WriteMember, ref));
    RETURN_IF_ERROR(require_version(target.project.version, expected));
    RETURN_IF_ERROR(require_appointment(caller, target.before, grade.role));
    model::Membership after =
        target.before.value_or(model::Membership{.project_id = target.project.id,
                                                 .user_id = target.user.id,
                                                 .user_name = target.user.name,
                                                 .display_name = target.user.display_name,
                                                 .created_at = m.clock.now_ms(),
                                                 .created_by = caller.name()});
    after.role = grade.role;
    after.permission = grade.permission;
    RETURN_IF_ERROR(tx.members().put(after));
    RETURN_IF_ERROR(finish(tx, m, caller, target, "project.put_member", model::to_json(after)));
    return OfProject<model::Membership>{std::move(after), target.project.version};
}

Status remove_member(Management& m, const Caller& caller, const MemberRef& ref,
                     ExpectedVersion expected) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(Target target, load_target(tx, caller, Permission::WriteMember, ref));
    RETURN_IF_ERROR(require_version(target.project.version, expected));
    if (!target.before) { return no_member(ref); }
    RETURN_IF_ERROR(require_appointment(caller, target.before, model::ProjectRole::Member));
    RETURN_IF_ERROR(tx.members().remove(target.project.id, target.user.id));
    return finish(tx, m, caller, target, "project.remove_member", nullptr);
}

}  // namespace lintel::management
