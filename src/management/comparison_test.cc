#include "management/comparison.h"

#include <algorithm>

#include "management/batch.h"
#include "management/description_file.h"
#include "management/scenario_test.h"

namespace lintel::management {
namespace {

using ComparisonTest = Scenario;

model::ServiceDefinition with_token(const std::string& token) {
    model::ServiceDefinition definition;
    definition.name = "Pets";
    model::ApiDefinition api;
    api.id = model::ApiId("api_1");
    api.name = "List";
    api.path = "/pets";
    api.backend = {.kind = "http", .config = {{"url", "http://a"}, {"token", token}}};
    definition.apis = {api};
    return definition;
}

TEST_F(ComparisonTest, EqualCopiesDoNotDiffer) {
    EXPECT_TRUE(compare(*kinds_, with_token("a"), with_token("a")).is_empty());
}

TEST_F(ComparisonTest, AChangedSecretIsSeenToHaveChangedAndNotShown) {
    const Comparison found = compare(*kinds_, with_token("old-one"), with_token("new-one"));
    ASSERT_EQ(found.apis.size(), 1U);
    ASSERT_EQ(found.apis[0].fields.size(), 1U);
    EXPECT_EQ(found.apis[0].fields[0].pointer, "/backend/config/token");
    const std::string told = data::dump(to_json(found));
    EXPECT_FALSE(told.contains("old-one") || told.contains("new-one")) << told;
}

TEST_F(ComparisonTest, ListsAreComparedPlaceByPlace) {
    model::ServiceDefinition before = with_token("a");
    model::ServiceDefinition after = before;
    before.policies = {{.kind = "ip_access"}};
    after.policies = {{.kind = "rate_limit", .config = {{"limit", 1}}}, {.kind = "ip_access"}};
    const Comparison found = compare(*kinds_, before, after);
    std::vector<std::string> pointers;
    for (const FieldChange& change : found.service) {
        pointers.push_back(change.pointer);
    }
    EXPECT_EQ(pointers, (std::vector<std::string>{"/policies/0/kind", "/policies/0/config/limit",
                                                  "/policies/1"}));
    EXPECT_FALSE(found.service[1].before.has_value());
}

TEST_F(ComparisonTest, AnEditedFileIsOneEventAndAnUneditedOneIsNone) {
    create_pets();
    const auto text = [&] {
        return *describe_service(*m_, caller_, {.copy = {.service = "pets"}});
    };
    const auto same = change_description(*m_, caller_, {.service = "pets", .text = text()});
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(same->value.service.service.version, 1);
    EXPECT_EQ(audited("service.change_description"), 0U);
    std::string edited = text();
    edited.replace(edited.find("List pets"), 9, "All pets!");
    const auto tried =
        change_description(*m_, caller_, {.service = "pets", .text = edited, .dry_run = true});
    EXPECT_EQ(tried->value.changes.apis.size(), 1U);
    EXPECT_EQ(audited("service.change_description"), 0U);
    const auto done = change_description(*m_, caller_, {.service = "pets", .text = edited});
    EXPECT_EQ(done->value.service.service.version, 2);
    EXPECT_EQ(audited("service.change_description"), 1U);
}

TEST_F(ComparisonTest, ABatchNeedsThePermissionOfWhatItDoes) {
    create_pets();
    const BatchRequest request{.action = BatchAction::Delete, .services = {"pets"}};
    const auto refused = run_batch(*m_, with_permissions({"service:publish"}), request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::PermissionDenied);
    const auto done = run_batch(*m_, with_permissions({"service:delete"}), request);
    ASSERT_TRUE(done);
    EXPECT_FALSE(done->value[0].refusal.has_value());
    EXPECT_EQ(audited("service.delete"), 1U);
}

}  // namespace
}  // namespace lintel::management
