#include "management/apis.h"

#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class ApisTest : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        create_pets();
    }
};

TEST_F(ApisTest, AreCreatedEditedAndDeletedInTheDraft) {
    const auto created = create_api(*m_, caller_, "pets", api("Get", "/get"), 1);
    ASSERT_TRUE(created) << created.error().message;
    const model::ApiId id = created->value.api.id;
    EXPECT_EQ(created->value.service_version, 2);
    const auto edited =
        edit_api(*m_, caller_, "pets", id,
                 data::parse_json(R"({"description": "new", "backend": null})").value(), 2);
    ASSERT_TRUE(edited) << edited.error().message;
    EXPECT_EQ(edited->value.api.description, "new");
    EXPECT_FALSE(edited->value.api.backend.chosen());
    EXPECT_EQ(edited->value.api.path, "/get");
    ASSERT_TRUE(replace_api(*m_, caller_, "pets", id, api("Put", "/put", model::Method::Put), 3));
    EXPECT_EQ(show_api(*m_, caller_, {.service = "pets"}, id)->api.name, "Put");
    ASSERT_TRUE(delete_api(*m_, caller_, "pets", id, 4));
    EXPECT_EQ(show_api(*m_, caller_, {.service = "pets"}, id).error().code, Code::NotFound);
    EXPECT_EQ(audited("api.edit"), 2U);
}

TEST_F(ApisTest, FaultsPointIntoTheApiThatWasSent) {
    const auto duplicate = create_api(*m_, caller_, "pets", api("Again", "/pets"), {});
    ASSERT_FALSE(duplicate);
    EXPECT_TRUE(has_fault(duplicate.error(), "/path", "api.duplicate"));
    model::ApiDefinition crowded = api("Crowded", "/crowded");
    for (int i = 0; i < 31; ++i) {
        crowded.parameters.emplace_back().name = "p" + std::to_string(i);
    }
    EXPECT_TRUE(has_fault(create_api(*m_, caller_, "pets", crowded, {}).error(), "/parameters",
                          "parameter.count"));
    crowded.parameters.pop_back();
    EXPECT_TRUE(create_api(*m_, caller_, "pets", crowded, {}));
}

TEST_F(ApisTest, AStaleVersionIsRefused) {
    ASSERT_TRUE(create_api(*m_, caller_, "pets", api("A", "/a"), 1));
    EXPECT_EQ(create_api(*m_, caller_, "pets", api("B", "/b"), 1).error().code,
              Code::PreconditionFailed);
}

TEST_F(ApisTest, AReleaseStaysAsItWasWhileTheDraftIsEdited) {
    publish_pets();
    EXPECT_EQ(create_api(*m_, caller_, "pets", api("A", "/a"), {}).error().code,
              Code::StateConflict);
    ASSERT_TRUE(copy_release(*m_, caller_, {.service = "pets"}));
    ASSERT_TRUE(create_api(*m_, caller_, "pets", api("A", "/a"), {}));
    EXPECT_EQ(list_apis(*m_, caller_, {.service = "pets"}, {}, {})->items.size(), 2U);
    EXPECT_EQ(list_apis(*m_, caller_, {.service = "pets", .release = 1}, {}, {})->items.size(), 1U);
}

TEST_F(ApisTest, ListsPage) {
    for (int i = 0; i < 4; ++i) {
        const std::string number = std::to_string(i);
        ASSERT_TRUE(create_api(*m_, caller_, "pets", api("A" + number, "/a" + number), {}));
    }
    std::size_t seen = 0;
    PageRequest request{.page_size = 2};
    for (;;) {
        const auto page = list_apis(*m_, caller_, {.service = "pets"}, {}, request);
        ASSERT_TRUE(page);
        seen += page->items.size();
        if (page->next_page_token.empty()) { break; }
        request.page_token = page->next_page_token;
    }
    EXPECT_EQ(seen, 5U);
}

TEST_F(ApisTest, GroupsAreMadeRenamedAndDeletedWithTheirApisMoving) {
    const auto group = create_api_group(*m_, caller_, "pets", "Admin", {});
    ASSERT_TRUE(group);
    EXPECT_EQ(create_api_group(*m_, caller_, "pets", "Admin", {}).error().code, Code::NameTaken);
    EXPECT_EQ(create_api_group(*m_, caller_, "pets", "Default", {}).error().code, Code::NameTaken);
    EXPECT_TRUE(has_fault(create_api_group(*m_, caller_, "pets", " ", {}).error(), "/name",
                          "field.required"));
    model::ApiDefinition definition = api("A", "/a");
    definition.group = "Admin";
    const model::ApiId id = create_api(*m_, caller_, "pets", definition, {})->value.api.id;
    ASSERT_TRUE(rename_api_group(*m_, caller_, "pets", group->value.id, "Staff", {}));
    EXPECT_EQ(show_api(*m_, caller_, {.service = "pets"}, id)->api.group, "Staff");
    ASSERT_TRUE(delete_api_group(*m_, caller_, "pets", "Staff", {}));
    EXPECT_EQ(show_api(*m_, caller_, {.service = "pets"}, id)->api.group, "Default");
    EXPECT_EQ(delete_api_group(*m_, caller_, "pets", "Default", {}).error().code,
              Code::StateConflict);
    EXPECT_TRUE(list_api_groups(*m_, caller_, {.service = "pets"})->empty());
}

}  // namespace
}  // namespace lintel::management
