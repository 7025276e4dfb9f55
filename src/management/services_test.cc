#include "management/services.h"

#include "management/audit.h"
#include "management/places.h"
#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class ServicesTest : public Scenario {};

data::Json json(std::string_view text) {
    return data::parse_json(text).value();
}

TEST_F(ServicesTest, ANewOneIsConfiguringAndHasADraft) {
    const ServiceView view = create_pets();
    EXPECT_EQ(view.status, model::ServiceStatus::Configuring);
    EXPECT_TRUE(view.has_draft);
    EXPECT_EQ(view.service.version, 1);
    const auto draft = show_draft(*m_, caller_, "pets");
    ASSERT_TRUE(draft);
    EXPECT_TRUE(draft->definition.apis.at(0).id.str().starts_with("api_"));
    EXPECT_EQ(audited("service.create"), 1U);
}

TEST_F(ServicesTest, WithoutACodeOneIsMade) {
    NewService request;
    request.definition.name = "Anything";
    const auto created = create_service(*m_, caller_, request);
    ASSERT_TRUE(created);
    EXPECT_TRUE(created->value.service.code.starts_with("svc-"));
    EXPECT_EQ(created->value.service.code.size(), 10U);
}

TEST_F(ServicesTest, NamesAndCodesAreUnique) {
    create_pets();
    NewService same_code{.definition = {}, .code = "pets"};
    same_code.definition.name = "Other";
    EXPECT_EQ(create_service(*m_, caller_, same_code).error().code, Code::NameTaken);
    NewService same_name{.definition = {}, .code = "other"};
    same_name.definition.name = "Name of pets";
    const auto taken = create_service(*m_, caller_, same_name);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::NameTaken);
    EXPECT_TRUE(has_fault(taken.error(), "/name", "name.taken"));
    NewService bad_code{.definition = {}, .code = "-x"};
    bad_code.definition.name = "Third";
    EXPECT_TRUE(has_fault(create_service(*m_, caller_, bad_code).error(), "/code", "service.code"));
}

TEST_F(ServicesTest, WhatIsRefusedLeavesNothingBehind) {
    NewService request{.definition = {}, .code = "pets"};
    request.definition.name = "Pets";
    request.definition.group = "Never made";
    request.definition.policies = {{.kind = "rate_limit", .config = json(R"({"limit": 1001})")},
                                   {.kind = "magic", .config = json("{}")}};
    request.definition.apis = {api("A", "/a/{x}"), api("A", "no-slash")};
    const auto created = create_service(*m_, caller_, request);
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, Code::FieldInvalid);
    EXPECT_TRUE(has_fault(created.error(), "/policies/1/kind", "kind.unknown"));
    EXPECT_TRUE(has_fault(created.error(), "/apis/0/path", "path.undeclared"));
    EXPECT_TRUE(has_fault(created.error(), "/apis/1/path", "path.invalid"));
    EXPECT_TRUE(std::ranges::any_of(created.error().faults, [](const Fault& fault) {
        return fault.pointer == "/policies/0/config/limit";
    }));
    EXPECT_EQ(list_services(*m_, caller_, {}, {})->items.size(), 0U);
    EXPECT_EQ(list_groups(*m_, caller_, std::nullopt)->size(), 1U);
    EXPECT_EQ(audited("service.create"), 0U);
}

TEST_F(ServicesTest, LimitsOfTheRateLimitHoldAtBothEdges) {
    int number = 0;
    for (const auto& [limit, ok] : {std::pair{0, false}, {1, true}, {1000, true}, {1001, false}}) {
        NewService request;
        request.definition.name = "S" + std::to_string(++number);
        request.definition.policies = {
            {.kind = "rate_limit", .config = {{"limit", limit}, {"unit", "second"}}}};
        EXPECT_EQ(create_service(*m_, caller_, request).has_value(), ok) << limit;
    }
}

TEST_F(ServicesTest, APolicyThatRefusesItsSettingsIsToldWhenItIsSaved) {
    publisher_.refusals = {{"/policies/0/config/addresses/0", "ip.invalid", "is no address"},
                           {"/apis/0/backend/config/url", "backend.https", "cannot run yet"}};
    NewService request;
    request.definition.name = "Pets";
    request.definition.policies = {{.kind = "ip_access", .config = json("{}")}};
    const auto refused = create_service(*m_, caller_, request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().faults.size(), 1U) << "a draft may be unfinished elsewhere";
    EXPECT_TRUE(has_fault(refused.error(), "/policies/0/config/addresses/0", "ip.invalid"));
}

TEST_F(ServicesTest, EditingMergesTheBasicFields) {
    create_pets();
    const auto edited =
        edit_service(*m_, caller_, "pets",
                     json(R"({"description": "All pets", "protocol": "HTTP", "group": "Zoo"})"), 1);
    ASSERT_TRUE(edited) << edited.error().message;
    EXPECT_EQ(edited->value.service.description, "All pets");
    EXPECT_EQ(edited->value.service.version, 2);
    EXPECT_EQ(show_draft(*m_, caller_, "pets")->definition.apis.size(), 1U);
    EXPECT_EQ(list_groups(*m_, caller_, std::nullopt)->size(), 2U)
        << "a new group is made in place";
    EXPECT_EQ(edit_service(*m_, caller_, "pets", json(R"({"apis": []})"), {}).error().code,
              Code::FieldInvalid);
    EXPECT_TRUE(has_fault(edit_service(*m_, caller_, "pets", json(R"({"colour": 1})"), {}).error(),
                          "/colour", "field.unknown"));
}

TEST_F(ServicesTest, AStaleVersionIsRefused) {
    create_pets();
    ASSERT_TRUE(edit_service(*m_, caller_, "pets", json(R"({"description": "first"})"), 1));
    const auto stale = edit_service(*m_, caller_, "pets", json(R"({"description": "second"})"), 1);
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, Code::PreconditionFailed);
    EXPECT_EQ(show_service(*m_, caller_, "pets")->service.description, "first");
}

TEST_F(ServicesTest, TheCodeIsFixedAfterTheFirstPublish) {
    create_pets();
    ASSERT_TRUE(edit_service(*m_, caller_, "pets", json(R"({"code": "cats"})"), {}));
    ASSERT_TRUE(edit_service(*m_, caller_, "cats", json(R"({"code": "pets"})"), {}));
    publish_pets();
    ASSERT_TRUE(copy_release(*m_, caller_, {.service = "pets"}));
    const auto renamed = edit_service(*m_, caller_, "pets", json(R"({"code": "dogs"})"), {});
    ASSERT_FALSE(renamed);
    EXPECT_EQ(renamed.error().code, Code::StateConflict);
}

TEST_F(ServicesTest, WithoutADraftNothingIsEdited) {
    create_pets();
    publish_pets();
    const auto edited = edit_service(*m_, caller_, "pets", json(R"({"description": "x"})"), {});
    ASSERT_FALSE(edited);
    EXPECT_EQ(edited.error().code, Code::StateConflict);
    EXPECT_TRUE(edited.error().message.contains("copy a release into the draft first"));
    EXPECT_EQ(show_draft(*m_, caller_, "pets").error().code, Code::StateConflict);
}

TEST_F(ServicesTest, CopyBringsAReleaseBackAndAsksBeforeItOverwrites) {
    create_pets();
    EXPECT_EQ(copy_release(*m_, caller_, {.service = "pets"}).error().code, Code::StateConflict)
        << "never published";
    publish_pets();
    ASSERT_TRUE(copy_release(*m_, caller_, {.service = "pets"}));
    EXPECT_EQ(show_draft(*m_, caller_, "pets")->base_release, 1);
    EXPECT_EQ(show_service(*m_, caller_, "pets")->status, model::ServiceStatus::Running);
    EXPECT_EQ(copy_release(*m_, caller_, {.service = "pets"}).error().code, Code::StateConflict);
    EXPECT_TRUE(copy_release(*m_, caller_, {.service = "pets", .overwrite = true}));
    EXPECT_EQ(copy_release(*m_, caller_, {.service = "pets", .release = 9, .overwrite = true})
                  .error()
                  .code,
              Code::NotFound);
}

TEST_F(ServicesTest, ReplacingTheDraftKeepsTheIdsOfWhatStays) {
    create_pets();
    ServiceView view;
    model::ServiceDefinition definition = show_draft(*m_, caller_, "pets")->definition;
    const model::ApiId id = definition.apis.at(0).id;
    definition.apis[0].id = {};
    definition.apis[0].name = "Renamed";
    definition.apis.push_back(api("New", "/new"));
    definition.apis.back().group = "Fresh";
    definition.apis.back().id = model::ApiId("api_of_somebody_else");
    ASSERT_TRUE(replace_draft(*m_, caller_, "pets", definition, 1));
    const model::ServiceDefinition after = show_draft(*m_, caller_, "pets")->definition;
    EXPECT_EQ(after.apis.at(0).id, id);
    EXPECT_NE(after.apis.at(1).id.str(), "api_of_somebody_else");
    EXPECT_EQ(after.api_groups.at(0).name, "Fresh");
}

TEST_F(ServicesTest, ARunningServiceIsNotDeletedAStoppedOneIsForEver) {
    create_pets();
    publish_pets();
    const auto refused = delete_service(*m_, caller_, "pets", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::StateConflict);
    EXPECT_TRUE(refused.error().message.contains("stop it"));
    ASSERT_TRUE(stop(*m_, caller_, {.service = "pets"}));
    ASSERT_TRUE(delete_service(*m_, caller_, "pets", {}));
    EXPECT_EQ(show_service(*m_, caller_, "pets").error().code, Code::NotFound);
    EXPECT_EQ(audited("service.delete"), 1U);
}

TEST_F(ServicesTest, ListsFilterByWhatIsDerivedAndPage) {
    create_pets("pets");
    create_pets("cats");
    create_pets("dogs");
    publish_pets();
    const auto running = list_services(*m_, caller_, {.status = model::ServiceStatus::Running}, {});
    ASSERT_EQ(running->items.size(), 1U);
    EXPECT_EQ(running->items[0].service.code, "pets");
    EXPECT_EQ(list_services(*m_, caller_, {.status = model::ServiceStatus::Configuring}, {})
                  ->items.size(),
              2U);
    const auto first = list_services(*m_, caller_, {}, {.page_size = 2});
    ASSERT_EQ(first->items.size(), 2U);
    const auto second =
        list_services(*m_, caller_, {}, {.page_size = 2, .page_token = first->next_page_token});
    ASSERT_EQ(second->items.size(), 1U);
    EXPECT_EQ(second->items[0].service.code, "pets");
    EXPECT_TRUE(second->next_page_token.empty());
    EXPECT_EQ(list_services(*m_, caller_, {}, {.page_size = 0}).error().code, Code::QueryInvalid);
    EXPECT_EQ(list_services(*m_, caller_, {}, {.page_size = 501}).error().code, Code::QueryInvalid);
    EXPECT_EQ(list_services(*m_, caller_, {}, {.page_token = "!"}).error().code,
              Code::QueryInvalid);
}

TEST_F(ServicesTest, ATokenWithoutThePermissionIsRefused) {
    create_pets();
    const Caller reader = with_permissions({"service:read"});
    EXPECT_TRUE(show_service(*m_, reader, "pets"));
    const auto refused = delete_service(*m_, reader, "pets", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::PermissionDenied);
    EXPECT_TRUE(refused.error().message.contains("service:delete"));
}

TEST_F(ServicesTest, TheAuditMasksSecretSettings) {
    create_pets();
    model::ApiDefinition secretive = api("Secretive", "/secret");
    secretive.backend = {.kind = "http", .config = json(R"({"url": "http://a", "token": "hush"})")};
    ASSERT_TRUE(create_api(*m_, caller_, "pets", secretive, {}));
    const auto events = list_audit_events(*m_, caller_, {.action = "api.create"}, {});
    const std::string after = data::dump(events->items.at(0).after);
    EXPECT_FALSE(after.contains("hush"));
    EXPECT_TRUE(after.contains("[redacted]"));
    EXPECT_TRUE(after.contains("http://a"));
}

}  // namespace
}  // namespace lintel::management
