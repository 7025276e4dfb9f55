#include "management/access_rights.h"

#include <gtest/gtest.h>

#include "management/caller.h"

namespace lintel::management {
namespace {

using enum Permission;

const model::ProjectId kHere{"prj_here"};
const model::ProjectId kThere{"prj_there"};

model::Service service(const char* id, const model::ProjectId& project = kHere) {
    return {.id = model::ServiceId(id), .project_id = project};
}

model::AccessStatement statement(model::Effect effect, std::vector<std::string> actions,
                                 std::vector<std::string> resources) {
    return {.effect = effect, .actions = std::move(actions), .resources = std::move(resources)};
}

Caller caller_with(std::vector<model::AccessStatement> statements, model::User user = {},
                   model::ApiToken token = {}) {
    return {std::move(user),
            std::move(token),
            {{.project_id = kHere, .permission = model::MemberPermission::Edit}},
            {},
            AccessRights({{.statements = std::move(statements)}})};
}

TEST(AccessRights, AnActionNamesPermissionsByNounAndVerb) {
    EXPECT_EQ(permissions_of_action("lintel:service:publish"), std::vector{PublishService});
    EXPECT_EQ(permissions_of_action("lintel:*:*").size(), permission_table().size());
    for (const Permission permission : permissions_of_action("lintel:credential:*")) {
        EXPECT_TRUE(name(permission).starts_with("credential:"));
    }
    for (const char* nothing : {"", "*", "lintel:*", "service:publish", "lintel:service:fly",
                                "lintel:service:publish:x", "other:service:publish"}) {
        EXPECT_TRUE(permissions_of_action(nothing).empty()) << nothing;
    }
}

TEST(AccessRights, AllowAddsToTheRoleWhereItIsSaid) {
    const Caller caller = caller_with(
        {statement(model::Effect::Allow, {"lintel:service:publish"}, {"service:svc_a"}),
         statement(model::Effect::Allow, {"lintel:service:read"}, {"project:prj_there"})});
    EXPECT_TRUE(caller.require(PublishService, service("svc_a")));
    EXPECT_FALSE(caller.require(PublishService, service("svc_b")));
    EXPECT_FALSE(caller.require(PublishService, kHere));
    EXPECT_TRUE(caller.sees(kThere));
    EXPECT_TRUE(caller.require(ReadService, kThere));
    EXPECT_FALSE(caller.require(WriteService, kThere));
    EXPECT_FALSE(caller.require(ReadService)) << "not in all projects";
}

TEST(AccessRights, DenyWinsOverRoleAndAllowButNotOverRoot) {
    const std::vector<model::AccessStatement> both{
        statement(model::Effect::Allow, {"lintel:*:*"}, {"*"}),
        statement(model::Effect::Deny, {"lintel:service:write"}, {"project:prj_here"})};
    const Caller caller = caller_with(both);
    EXPECT_FALSE(caller.require(WriteService, kHere));
    EXPECT_FALSE(caller.require(WriteService, service("svc_a")));
    EXPECT_TRUE(caller.require(WriteService, kThere));
    EXPECT_FALSE(caller.require(WriteService)) << "denied in one is not held in all";
    EXPECT_TRUE(caller.require_somewhere(WriteService));
    EXPECT_TRUE(caller.require(WriteEnvironment));
    EXPECT_TRUE(
        caller_with(both, {.is_system_admin = true, .is_root = true}).require(WriteService, kHere));
    EXPECT_FALSE(caller_with({statement(model::Effect::Deny, {"lintel:user:*"}, {"*"})},
                             {.is_system_admin = true})
                     .require(ReadUser));
}

TEST(AccessRights, WhatBelongsToTheInstallationIsReachedByTheWholeOnly) {
    const Caller caller = caller_with(
        {statement(model::Effect::Allow, {"lintel:environment:write"}, {"project:prj_here"})});
    EXPECT_FALSE(caller.require(WriteEnvironment));
}

TEST(AccessRights, ATokenIsNotWidened) {
    const std::vector<model::AccessStatement> all{
        statement(model::Effect::Allow, {"lintel:*:*"}, {"*"})};
    const Caller narrow = caller_with(all, {}, {.projects = {kHere}});
    EXPECT_TRUE(narrow.require(DeleteService, kHere));
    EXPECT_FALSE(narrow.sees(kThere));
    EXPECT_FALSE(narrow.require(ReadService, kThere));
    EXPECT_FALSE(narrow.require(WriteUser));
    EXPECT_EQ(narrow.visible_projects(), std::vector{kHere});
    EXPECT_FALSE(
        caller_with(all, {}, {.permissions = {"service:read"}}).require(WriteService, kHere));
}

TEST(AccessRights, ServicesBesideOnesProjectsAreSeenAlone) {
    const Caller caller = caller_with(
        {statement(model::Effect::Allow, {"lintel:service:read"}, {"service:svc_far"})});
    EXPECT_TRUE(caller.sees(service("svc_far", kThere)));
    EXPECT_FALSE(caller.sees(service("svc_near", kThere)));
    EXPECT_FALSE(caller.sees(kThere));
    EXPECT_EQ(caller.visible_services(), std::vector{model::ServiceId("svc_far")});
}

}  // namespace
}  // namespace lintel::management
