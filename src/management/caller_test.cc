#include "management/caller.h"

#include <gtest/gtest.h>

#include <set>

namespace lintel::management {
namespace {

const model::ProjectId kOwn{"prj_own"};
const model::ProjectId kOther{"prj_other"};

Caller member(model::ProjectRole role, model::MemberPermission permission,
              model::ApiToken token = {}) {
    model::User user;
    user.name = "somebody";
    return {
        user, std::move(token), {{.project_id = kOwn, .role = role, .permission = permission}}, {}};
}
Caller member(model::MemberPermission permission) {
    return member(model::ProjectRole::Member, permission);
}
Caller system_admin(model::ApiToken token = {}) {
    model::User user;
    user.is_system_admin = true;
    return {user, std::move(token), {}, {}};
}

TEST(PermissionTable, HasEachPermissionOnceUnderItsOwnName) {
    std::set<std::string_view> names;
    for (const PermissionRule& rule : permission_table()) {
        EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
        EXPECT_EQ(parse_permission(rule.name), rule.permission);
        EXPECT_EQ(&rule_of(rule.permission), &rule);
        // What is of the installation cannot depend on what one is in a project.
        if (rule.scope == Scope::Installation) {
            EXPECT_TRUE(rule.least == Role::User || rule.least == Role::SystemAdmin) << rule.name;
        } else {
            EXPECT_TRUE(rule.least >= Role::Read && rule.least <= Role::ProjectAdmin) << rule.name;
        }
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(Permission::ReadSettings) + 1);
    EXPECT_FALSE(parse_permission(""));
}

TEST(Caller, HoldsInAProjectWhatTheRoleHolds) {
    using enum Permission;
    const struct {
        Caller caller;
        std::vector<Permission> held;
        std::vector<Permission> lacking;
    } rows[] = {
        {member(model::MemberPermission::Read),
         {ReadService, ReadCredential, ReadMember},
         {WriteService, RevealCredential, PublishService, WriteMember}},
        {member(model::MemberPermission::Edit),
         {WriteService, WriteCredential, RevealCredential},
         {PublishService, DeleteService, WriteMember}},
        {member(model::MemberPermission::EditPublish),
         {WriteService, PublishService, DeleteService},
         {WriteMember}},
        {member(model::ProjectRole::Admin, model::MemberPermission::Read),
         {PublishService, WriteMember},
         {}},
        {system_admin(), {PublishService, WriteMember}, {}},
    };
    for (const auto& row : rows) {
        for (const Permission permission : row.held) {
            EXPECT_TRUE(row.caller.require(permission, kOwn)) << name(permission);
        }
        for (const Permission permission : row.lacking) {
            const Status refused = row.caller.require(permission, kOwn);
            ASSERT_FALSE(refused) << name(permission);
            EXPECT_EQ(refused.error().code, Code::PermissionDenied);
            EXPECT_NE(refused.error().message.find(name(permission)), std::string::npos);
        }
    }
}

TEST(Caller, IsNobodyInTheProjectsOfOthers) {
    const Caller caller = member(model::ProjectRole::Admin, model::MemberPermission::EditPublish);
    EXPECT_TRUE(caller.sees(kOwn));
    EXPECT_FALSE(caller.sees(kOther));
    EXPECT_FALSE(caller.require(Permission::ReadService, kOther));
    EXPECT_EQ(caller.visible_projects(), std::vector{kOwn});
    EXPECT_TRUE(caller.permissions_in(kOther).empty());
    EXPECT_TRUE(system_admin().sees(kOther));
    EXPECT_EQ(system_admin().visible_projects(), std::nullopt);
}

TEST(Caller, ThatIsNoSystemAdministratorReadsWhatPublishingNeedsAndNoMore) {
    const Caller caller = member(model::ProjectRole::Admin, model::MemberPermission::EditPublish);
    EXPECT_TRUE(caller.require(Permission::ReadEnvironment));
    EXPECT_TRUE(caller.require(Permission::WriteToken));
    EXPECT_FALSE(caller.require(Permission::WriteEnvironment));
    EXPECT_FALSE(caller.require(Permission::ReadUser));
    EXPECT_FALSE(caller.require(Permission::ReadService)) << "in all projects";
    EXPECT_TRUE(caller.require_somewhere(Permission::ReadService));
    EXPECT_FALSE(caller.require_somewhere(Permission::ReadUser));
}

TEST(Caller, HoldsWhatTokenAndRoleBothHold) {
    const Caller caller = member(model::ProjectRole::Member, model::MemberPermission::Edit,
                                 {.permissions = {"service:read", "service:publish"}});
    EXPECT_EQ(caller.permissions_in(kOwn), std::vector{Permission::ReadService});
    EXPECT_FALSE(caller.require_somewhere(Permission::WriteService));
    EXPECT_TRUE(caller.require_somewhere(Permission::PublishService));
    EXPECT_TRUE(caller.permissions().empty());
}

TEST(Caller, WithATokenForAProjectIsNoSystemAdministratorBesideIt) {
    const Caller caller = system_admin({.projects = {kOwn}});
    EXPECT_TRUE(caller.require(Permission::WriteMember, kOwn));
    EXPECT_FALSE(caller.sees(kOther));
    EXPECT_FALSE(caller.require(Permission::WriteUser));
    EXPECT_FALSE(caller.require(Permission::WriteProject));
    EXPECT_TRUE(caller.require(Permission::ReadEnvironment));
    EXPECT_EQ(caller.visible_projects(), std::vector{kOwn});
    const Caller stranger =
        member(model::ProjectRole::Member, model::MemberPermission::Read, {.projects = {kOther}});
    EXPECT_FALSE(stranger.sees(kOwn)) << "the token is not for it";
    EXPECT_FALSE(stranger.sees(kOther)) << "the user does not belong to it";
    EXPECT_EQ(stranger.visible_projects(), std::vector<model::ProjectId>());
}

TEST(Caller, AtTheCommandLineMayDoEverything) {
    EXPECT_EQ(Caller::at_command_line().permissions().size(), permission_table().size());
}

}  // namespace
}  // namespace lintel::management
