// Users, projects and members over a real store.
#include "management/accounts.h"
#include "management/audit.h"
#include "management/projects.h"
#include "management/scenario_test.h"
#include "management/users.h"

namespace lintel::management {
namespace {

class PeopleTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        ASSERT_TRUE(create_administrator(*m_, caller_, "root", password_));
        ASSERT_TRUE(create_user(*m_, caller_, {.name = "Ada", .password = password_}));
        ASSERT_TRUE(create_project(*m_, caller_, "Shop", "All about the shop"));
    }

    Caller log_in_as(const std::string& name) {
        const auto session = log_in(*m_, name, password_, {});
        EXPECT_TRUE(session);
        return authenticate(*m_, session->text.reveal(), {}).value();
    }
    void put(const std::string& user, MemberGrade grade) {
        EXPECT_TRUE(put_member(*m_, caller_, {.project = "Shop", .user = user}, grade, {}));
    }
    ServiceView create_in_shop(const std::string& code) {
        NewService request{.definition = {}, .code = code, .project = "Shop"};
        request.definition.name = "Name of " + code;
        request.definition.apis = {api("List", "/list")};
        const auto created = create_service(*m_, caller_, request);
        EXPECT_TRUE(created) << created.error().message;
        return created->value;
    }

    const Secret password_{"correct horse battery"};
};

TEST_F(PeopleTest, TheFirstAdministratorIsRootAndStays) {
    ASSERT_TRUE(create_administrator(*m_, caller_, "second", password_));
    EXPECT_TRUE(show_user(*m_, caller_, "root")->is_root);
    EXPECT_FALSE(show_user(*m_, caller_, "second")->is_root);
    for (const UserEdit& edit : {UserEdit{.is_system_admin = false}, UserEdit{.enabled = false}}) {
        EXPECT_EQ(edit_user(*m_, caller_, "root", edit, {}).error().code, Code::StateConflict);
        EXPECT_TRUE(edit_user(*m_, caller_, "second", edit, {}));
    }
    EXPECT_EQ(delete_user(*m_, caller_, "root", {}).error().code, Code::StateConflict);
    EXPECT_TRUE(delete_user(*m_, caller_, "second", {}));
    EXPECT_TRUE(edit_user(*m_, caller_, "root", {.display_name = "The first"}, {}));
}

TEST_F(PeopleTest, EveryFaultOfAUserComesAtOnce) {
    const auto refused = create_user(*m_, caller_,
                                     {.name = "usr_1",
                                      .password = Secret("short"),
                                      .display_name = std::string(65, 'x'),
                                      .email = "a@b@c"});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(has_fault(refused.error(), "/name", "user.name"));
    EXPECT_TRUE(has_fault(refused.error(), "/password", "user.password"));
    EXPECT_TRUE(has_fault(refused.error(), "/display_name", "field.length"));
    EXPECT_TRUE(has_fault(refused.error(), "/email", "user.email"));
}

TEST_F(PeopleTest, ADisabledUserIsOut) {
    const auto session = log_in(*m_, "ada", password_, {});
    ASSERT_TRUE(session);
    ASSERT_TRUE(edit_user(*m_, caller_, "ada", {.enabled = false}, {}));
    EXPECT_FALSE(authenticate(*m_, session->text.reveal(), {}));
    EXPECT_EQ(log_in(*m_, "ada", password_, {}).error().code, Code::LoginFailed);
    ASSERT_TRUE(edit_user(*m_, caller_, "ada", {.enabled = true}, {}));
    EXPECT_FALSE(authenticate(*m_, session->text.reveal(), {}));
    EXPECT_TRUE(log_in(*m_, "ada", password_, {}));
}

TEST_F(PeopleTest, ChangingThePasswordNeedsTheOldOneAndIsLimited) {
    const Caller ada = log_in_as("ada");
    const Secret next("another battery horse");
    EXPECT_TRUE(has_fault(change_password(*m_, ada, Secret("wrong"), next).error(),
                          "/current_password", "password.wrong"));
    EXPECT_TRUE(change_password(*m_, ada, password_, next));
    EXPECT_TRUE(log_in(*m_, "ada", next, {}));
    for (int i = 0; i < AccessGuard::kMaxPerAccount; ++i) {
        (void)change_password(*m_, ada, Secret("wrong"), next);
    }
    EXPECT_EQ(change_password(*m_, ada, next, password_).error().code, Code::LoginLimited);
    EXPECT_EQ(set_password(*m_, ada, "root", next).error().code, Code::PermissionDenied);
}

TEST_F(PeopleTest, WhatIsInAnotherProjectDoesNotExist) {
    create_in_shop("shop");
    const Caller ada = log_in_as("ada");
    const auto hidden = show_service(*m_, ada, "shop");
    const auto missing = show_service(*m_, ada, "none");
    ASSERT_FALSE(hidden);
    EXPECT_EQ(hidden.error().code, missing.error().code);
    EXPECT_EQ(hidden.error().message, "There is no service 'shop'.");
    EXPECT_EQ(missing.error().message, "There is no service 'none'.");
    EXPECT_EQ(show_project(*m_, ada, "Shop").error().code, Code::NotFound);
    EXPECT_TRUE(list_services(*m_, ada, {}, {})->items.empty());
    EXPECT_EQ(list_projects(*m_, ada, {})->items.size(), 1U);
    put("ada", {});
    EXPECT_EQ(list_services(*m_, log_in_as("ada"), {}, {})->items.size(), 1U);
    EXPECT_EQ(list_projects(*m_, log_in_as("ada"), {})->items.size(), 2U);
}

TEST_F(PeopleTest, APermissionIsWorthInItsProjectOnly) {
    create_in_shop("shop");
    create_pets();
    put("ada", {.permission = model::MemberPermission::EditPublish});
    const Caller ada = log_in_as("ada");
    EXPECT_TRUE(publish(*m_, ada, {.service = "shop", .environments = {"release"}}));
    EXPECT_EQ(publish(*m_, ada, {.service = "pets", .environments = {"release"}}).error().code,
              Code::PermissionDenied);
    EXPECT_TRUE(show_service(*m_, ada, "pets")) << "everybody reads in the default project";
}

TEST_F(PeopleTest, ProjectAdministratorsManageMembersButNotAdministrators) {
    ASSERT_TRUE(create_user(*m_, caller_, {.name = "bob", .password = password_}));
    put("ada", {.role = model::ProjectRole::Admin});
    const Caller ada = log_in_as("ada");
    const MemberRef bob{.project = "Shop", .user = "bob"};
    EXPECT_TRUE(put_member(*m_, ada, bob, {}, {}));
    EXPECT_EQ(put_member(*m_, ada, bob, {.role = model::ProjectRole::Admin}, {}).error().code,
              Code::PermissionDenied);
    put("bob", {.role = model::ProjectRole::Admin});
    EXPECT_EQ(put_member(*m_, ada, bob, {}, {}).error().code, Code::PermissionDenied);
    EXPECT_EQ(remove_member(*m_, ada, bob, {}).error().code, Code::PermissionDenied);
    EXPECT_EQ(show_project(*m_, ada, "Shop")->admins, (std::vector<std::string>{"ada", "bob"}));
    EXPECT_TRUE(remove_member(*m_, caller_, bob, {}));
    EXPECT_EQ(remove_member(*m_, caller_, bob, {}).error().code, Code::NotFound);
    EXPECT_EQ(audited("project.put_member"), 3U);
}

TEST_F(PeopleTest, MembersChangeUnderTheVersionOfTheirProject) {
    const std::int64_t version = show_project(*m_, caller_, "Shop")->project.version;
    const MemberRef ada{.project = "Shop", .user = "ada"};
    ASSERT_TRUE(put_member(*m_, caller_, ada, {}, version));
    EXPECT_EQ(put_member(*m_, caller_, ada, {}, version).error().code, Code::PreconditionFailed);
    EXPECT_EQ(show_member(*m_, caller_, ada)->project_version, version + 1);
}

TEST_F(PeopleTest, AProjectThatRunsStaysAndTheDefaultOneAlways) {
    create_in_shop("shop");
    ASSERT_TRUE(publish(*m_, caller_, {.service = "shop", .environments = {"release"}}));
    const auto running = delete_project(*m_, caller_, "Shop", {});
    ASSERT_FALSE(running);
    EXPECT_EQ(running.error().code, Code::StateConflict);
    EXPECT_NE(running.error().message.find("shop"), std::string::npos);
    ASSERT_TRUE(stop(*m_, caller_, {.service = "shop"}));
    ASSERT_TRUE(delete_project(*m_, caller_, "Shop", {}));
    EXPECT_EQ(show_service(*m_, caller_, "shop").error().code, Code::NotFound);
    EXPECT_EQ(delete_project(*m_, caller_, "Default", {}).error().code, Code::StateConflict);
    EXPECT_EQ(edit_project(*m_, caller_, "Default", {.name = "Other"}, {}).error().code,
              Code::StateConflict);
    EXPECT_TRUE(edit_project(*m_, caller_, "Default", {.description = "For all"}, {}));
}

TEST_F(PeopleTest, ADeletedUserLeavesNoTokenAndNoMembership) {
    put("ada", {.role = model::ProjectRole::Admin});
    const auto session = log_in(*m_, "ada", password_, {});
    ASSERT_TRUE(delete_user(*m_, caller_, "ada", {}));
    EXPECT_FALSE(authenticate(*m_, session->text.reveal(), {}));
    EXPECT_TRUE(list_members(*m_, caller_, "Shop", {})->value.items.empty());
}

}  // namespace
}  // namespace lintel::management
