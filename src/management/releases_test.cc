#include "management/releases.h"

#include "management/places.h"
#include "management/published.h"
#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class ReleasesTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        create_pets();
    }
    void edit_and_publish(std::string_view patch) {
        ASSERT_TRUE(copy_release(*m_, caller_, {.service = "pets"}));
        ASSERT_TRUE(edit_service(*m_, caller_, "pets", data::parse_json(patch).value(), {}));
        publish_pets();
    }
};

TEST_F(ReleasesTest, PublishFreezesTheDraftAndRunsItInEveryEnvironmentChosen) {
    const auto published =
        publish(*m_, caller_,
                {.service = "pets", .environments = {"test", "release", "test"}, .note = "first"});
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(published->value.release.number, 1);
    EXPECT_EQ(published->value.deployments.size(), 2U);
    EXPECT_EQ(published->revision, 2U);
    const ServiceView view = show_service(*m_, caller_, "pets").value();
    EXPECT_EQ(view.status, model::ServiceStatus::Running);
    EXPECT_FALSE(view.has_draft);
    ASSERT_EQ(publisher_.changes.size(), 1U);
    EXPECT_EQ(publisher_.changes[0].kind, Change::Kind::Service);
    const std::vector<PublishedService> served = running();
    ASSERT_EQ(served.size(), 2U);
    EXPECT_EQ(served[0].release.definition.apis.at(0).path, "/pets");
    EXPECT_EQ(audited("service.publish"), 1U);
}

TEST_F(ReleasesTest, ARefusedPublishChangesNothingAndListsEveryReason) {
    publisher_.refusals = {{"/apis/0/backend", "a", "one"}, {"/policies/0", "b", "two"}};
    const auto refused = publish(*m_, caller_, {.service = "pets", .environments = {"release"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::PublishRefused);
    EXPECT_EQ(refused.error().faults.size(), 2U);
    EXPECT_TRUE(show_service(*m_, caller_, "pets")->has_draft);
    EXPECT_TRUE(running().empty());
    EXPECT_TRUE(publisher_.changes.empty());
    EXPECT_EQ(audited("service.publish"), 0U);
}

TEST_F(ReleasesTest, WithoutApisOrBackendsNothingIsPublished) {
    NewService empty{.definition = {}, .code = "empty"};
    empty.definition.name = "Empty";
    ASSERT_TRUE(create_service(*m_, caller_, empty));
    EXPECT_TRUE(
        has_fault(publish(*m_, caller_, {.service = "empty", .environments = {"release"}}).error(),
                  "/apis", "publish.no_api"));
    model::ApiDefinition no_backend = api("A", "/a");
    no_backend.backend = {};
    ASSERT_TRUE(create_api(*m_, caller_, "empty", no_backend, {}));
    EXPECT_TRUE(
        has_fault(publish(*m_, caller_, {.service = "empty", .environments = {"release"}}).error(),
                  "/apis/0/backend", "publish.no_backend"));
}

TEST_F(ReleasesTest, UnknownMissingAndSuspendedEnvironmentsAreRefused) {
    EXPECT_TRUE(has_fault(
        publish(*m_, caller_, {.service = "pets", .environments = {"release", "mars"}}).error(),
        "/environments/1", "environment.unknown"));
    EXPECT_TRUE(has_fault(publish(*m_, caller_, {.service = "pets", .environments = {}}).error(),
                          "/environments", "field.required"));
    ASSERT_TRUE(edit_environment(*m_, caller_, "test",
                                 {.status = model::EnvironmentStatus::Suspended}, {}));
    EXPECT_TRUE(
        has_fault(publish(*m_, caller_, {.service = "pets", .environments = {"test"}}).error(),
                  "/environments", "environment.suspended"));
    EXPECT_TRUE(has_fault(
        publish(*m_, caller_,
                {.service = "pets", .environments = {"release"}, .note = std::string(201, 'x')})
            .error(),
        "/note", "field.length"));
}

TEST_F(ReleasesTest, AReleaseRunsInAFurtherEnvironmentWithoutADraft) {
    publish_pets({"test"});
    EXPECT_EQ(publish(*m_, caller_, {.service = "pets", .environments = {"release"}}).error().code,
              Code::StateConflict);
    const auto further =
        publish(*m_, caller_, {.service = "pets", .environments = {"release"}, .release = 1});
    ASSERT_TRUE(further);
    EXPECT_EQ(further->value.release.number, 1);
    EXPECT_EQ(publish(*m_, caller_, {.service = "pets", .environments = {"prepub"}, .release = 2})
                  .error()
                  .code,
              Code::NotFound);
}

TEST_F(ReleasesTest, StopAndStartMoveOneEnvironmentOrAll) {
    publish_pets({"test", "release"});
    ASSERT_TRUE(stop(*m_, caller_, {.service = "pets", .environments = {"test"}}));
    EXPECT_EQ(show_service(*m_, caller_, "pets")->status, model::ServiceStatus::Running);
    EXPECT_EQ(
        load_published_service(*store_, show_service(*m_, caller_, "pets")->service.id)->size(),
        1U);
    EXPECT_EQ(stop(*m_, caller_, {.service = "pets", .environments = {"test"}}).error().code,
              Code::StateConflict);
    EXPECT_EQ(stop(*m_, caller_, {.service = "pets", .environments = {"prepub"}}).error().code,
              Code::StateConflict);
    ASSERT_TRUE(stop(*m_, caller_, {.service = "pets"}));
    EXPECT_EQ(show_service(*m_, caller_, "pets")->status, model::ServiceStatus::Stopped);
    EXPECT_EQ(stop(*m_, caller_, {.service = "pets"}).error().code, Code::StateConflict);
    ASSERT_TRUE(start(*m_, caller_, {.service = "pets", .environments = {"release"}}));
    EXPECT_EQ(start(*m_, caller_, {.service = "pets", .environments = {"release"}}).error().code,
              Code::StateConflict);
    EXPECT_EQ(running().size(), 1U);
}

TEST_F(ReleasesTest, RollBackBringsAnEarlierReleaseBack) {
    publish_pets();
    edit_and_publish(R"({"description": "second"})");
    EXPECT_EQ(running().at(0).release.number, 2);
    EXPECT_EQ(roll_back(*m_, caller_, {.service = "pets", .environment = "release", .release = 2})
                  .error()
                  .code,
              Code::StateConflict);
    ASSERT_TRUE(
        roll_back(*m_, caller_, {.service = "pets", .environment = "release", .release = 1}));
    EXPECT_EQ(running().at(0).release.number, 1);
    EXPECT_EQ(roll_back(*m_, caller_, {.service = "pets", .environment = "release", .release = 9})
                  .error()
                  .code,
              Code::NotFound);
    EXPECT_EQ(roll_back(*m_, caller_, {.service = "pets", .environment = "test", .release = 1})
                  .error()
                  .code,
              Code::StateConflict);
    EXPECT_EQ(roll_back(*m_, caller_, {.service = "pets", .environment = "mars", .release = 1})
                  .error()
                  .code,
              Code::NotFound);
}

TEST_F(ReleasesTest, EveryMoveIsInTheHistoryNewestFirst) {
    publish_pets();
    edit_and_publish(R"({"description": "second"})");
    ASSERT_TRUE(stop(*m_, caller_, {.service = "pets", .note = "why"}));
    ASSERT_TRUE(start(*m_, caller_, {.service = "pets", .environments = {"release"}}));
    ASSERT_TRUE(
        roll_back(*m_, caller_, {.service = "pets", .environment = "release", .release = 1}));
    const auto records = list_release_records(*m_, caller_, "pets", {.page_size = 3});
    ASSERT_EQ(records->items.size(), 3U);
    EXPECT_EQ(records->items[0].action, model::ReleaseAction::RollBack);
    EXPECT_EQ(records->items[2].action, model::ReleaseAction::Stop);
    EXPECT_EQ(records->items[2].note, "why");
    const auto rest = list_release_records(
        *m_, caller_, "pets", {.page_size = 3, .page_token = records->next_page_token});
    ASSERT_EQ(rest->items.size(), 2U);
    EXPECT_EQ(rest->items[0].action, model::ReleaseAction::Replace);
    EXPECT_EQ(rest->items[1].action, model::ReleaseAction::Publish);
    const auto releases = list_releases(*m_, caller_, "pets", {.page_size = 1});
    EXPECT_EQ(releases->items.at(0).number, 2);
    EXPECT_EQ(list_releases(*m_, caller_, "pets",
                            {.page_size = 1, .page_token = releases->next_page_token})
                  ->items.at(0)
                  .number,
              1);
}

TEST_F(ReleasesTest, ALimitKeepsItsOriginUntilItChanges) {
    ASSERT_TRUE(edit_service(
        *m_, caller_, "pets",
        data::parse_json(R"({"policies": [{"kind": "rate_limit", "config": {"limit": 5}}]})")
            .value(),
        {}));
    publish_pets();
    const TimeMs first = clock_.now_ms();
    const auto origin = [this] { return running().at(0).deployment.limit_origins.at(0).since; };
    EXPECT_EQ(origin(), first);
    clock_.advance(std::chrono::seconds(10));
    edit_and_publish(R"({"description": "nothing to do with the limit"})");
    EXPECT_EQ(origin(), first);
    clock_.advance(std::chrono::seconds(10));
    edit_and_publish(R"({"policies": [{"kind": "rate_limit", "config": {"limit": 6}}]})");
    EXPECT_EQ(origin(), clock_.now_ms());
}

TEST_F(ReleasesTest, AnEnvironmentInUseIsNotDeleted) {
    publish_pets({"test"});
    const auto refused = delete_environment(*m_, caller_, "test", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::StateConflict);
    EXPECT_TRUE(refused.error().message.contains("pets"));
    ASSERT_TRUE(stop(*m_, caller_, {.service = "pets"}));
    ASSERT_TRUE(delete_environment(*m_, caller_, "test", {}));
    EXPECT_EQ(show_environment(*m_, caller_, "test").error().code, Code::NotFound);
    EXPECT_EQ(list_release_records(*m_, caller_, "pets", {})->items.size(), 2U);
}

TEST_F(ReleasesTest, EnvironmentsAndGroupsFollowTheirRules) {
    EXPECT_TRUE(has_fault(create_environment(*m_, caller_, "a-b", "A").error(), "/code",
                          "environment.code"));
    EXPECT_EQ(create_environment(*m_, caller_, "test", "T").error().code, Code::NameTaken);
    ASSERT_TRUE(create_environment(*m_, caller_, "qa", "Quality"));
    EXPECT_EQ(list_environments(*m_, caller_)->size(), 4U);
    ASSERT_TRUE(create_group(*m_, caller_, std::nullopt, "Zoo"));
    EXPECT_EQ(create_group(*m_, caller_, std::nullopt, "Zoo").error().code, Code::NameTaken);
    ASSERT_TRUE(
        edit_service(*m_, caller_, "pets", data::parse_json(R"({"group": "Zoo"})").value(), {}));
    ASSERT_TRUE(delete_group(*m_, caller_, std::nullopt, "Zoo"));
    EXPECT_EQ(show_service(*m_, caller_, "pets")->service.group, "Default");
    EXPECT_EQ(show_draft(*m_, caller_, "pets")->definition.group, "Default");
    EXPECT_EQ(delete_group(*m_, caller_, std::nullopt, "Default").error().code,
              Code::StateConflict);
}

}  // namespace
}  // namespace lintel::management
