#include "management/upstreams.h"

#include <gtest/gtest.h>

#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class Upstreams : public Scenario {
protected:
    static model::Upstream wanted(const std::string& name = "pets") {
        model::Upstream upstream;
        upstream.name = name;
        upstream.servers = {{.address = "10.0.0.1:8080"},
                            {.address = "10.0.0.2:8080", .weight = 2}};
        return upstream;
    }
    model::Upstream create(const std::string& name = "pets") {
        const auto created = create_upstream(*m_, caller_, wanted(name));
        EXPECT_TRUE(created) << created.error().message;
        return created->value;
    }
    /// An API of the service whose backend is the upstream.
    Status use(const std::string& service, const std::string& upstream) {
        model::ApiDefinition api = Scenario::api("Pets", "/of-upstream");
        api.backend = {.kind = "http", .config = {{"url", "x"}, {"upstream", upstream}}};
        const auto created = create_api(*m_, caller_, service, api, {});
        if (!created) { return std::unexpected(created.error()); }
        return {};
    }
};

TEST_F(Upstreams, TakeEffectAtOnceAndAreRecorded) {
    const model::Upstream created = create();
    EXPECT_TRUE(created.id.str().starts_with("ups_"));
    EXPECT_EQ(created.version, 1);
    ASSERT_FALSE(publisher_.changes.empty());
    EXPECT_EQ(publisher_.changes.back().kind, Change::Kind::Upstreams);
    EXPECT_EQ(publisher_.checked_upstreams.back(), "pets");

    model::Upstream change = wanted();
    change.description = "Where pets live";
    change.settings = {{"algorithm", "least_requests"}};
    const auto edited = replace_upstream(*m_, caller_, "pets", change, 1);
    ASSERT_TRUE(edited) << edited.error().message;
    EXPECT_EQ(edited->value.version, 2);
    const auto shown = show_upstream(*m_, caller_, created.id.str());
    EXPECT_EQ(shown->settings, change.settings);
    EXPECT_EQ(shown->description, "Where pets live");

    ASSERT_TRUE(delete_upstream(*m_, caller_, "pets", 2));
    EXPECT_EQ(show_upstream(*m_, caller_, "pets").error().code, Code::NotFound);
    for (const char* action : {"upstream.create", "upstream.edit", "upstream.delete"}) {
        EXPECT_EQ(audited(action), 1U) << action;
    }
}

TEST_F(Upstreams, AreListedByNameInPages) {
    for (const char* name : {"cats", "ants", "bees"}) {
        create(name);
    }
    const auto first = list_upstreams(*m_, caller_, {.page_size = 2});
    ASSERT_EQ(first->items.size(), 2U);
    EXPECT_EQ(first->items[0].name, "ants");
    const auto second =
        list_upstreams(*m_, caller_, {.page_size = 2, .page_token = first->next_page_token});
    ASSERT_EQ(second->items.size(), 1U);
    EXPECT_EQ(second->items[0].name, "cats");
    EXPECT_TRUE(second->next_page_token.empty());
}

TEST_F(Upstreams, RefuseAllFaultsAtOnce) {
    model::Upstream bad = wanted("Pets!");
    bad.servers = {{.address = "10.0.0.1"},
                   {.address = "a b:80"},
                   {.address = "ok:80", .weight = 10'001},
                   {.address = "ok:80"},
                   {.address = "ok:0"}};
    const auto refused = create_upstream(*m_, caller_, bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().faults.size(), 6U);
    EXPECT_TRUE(has_fault(refused.error(), "/name", "upstream.name"));
    for (const char* server : {"0", "1", "4"}) {
        EXPECT_TRUE(has_fault(refused.error(), std::string("/servers/") + server + "/address",
                              "server.address"));
    }
    EXPECT_TRUE(has_fault(refused.error(), "/servers/2/weight", "field.range"));
    EXPECT_TRUE(has_fault(refused.error(), "/servers/3/address", "server.taken"));
}

TEST_F(Upstreams, AreRefusedWhatTheDataPlaneCannotUse) {
    publisher_.refusals = {{"/hash_header", "field.required", "is required"}};
    const auto refused = create_upstream(*m_, caller_, wanted());
    ASSERT_FALSE(refused);
    EXPECT_TRUE(has_fault(refused.error(), "/hash_header", "field.required"));
    EXPECT_TRUE(list_upstreams(*m_, caller_, {})->items.empty());
}

TEST_F(Upstreams, KeepTheirNamesApartAndForEver) {
    create();
    EXPECT_EQ(create_upstream(*m_, caller_, wanted()).error().code, Code::NameTaken);
    const auto renamed = replace_upstream(*m_, caller_, "pets", wanted("cats"), {});
    EXPECT_TRUE(has_fault(renamed.error(), "/name", "upstream.name_fixed"));
    EXPECT_EQ(replace_upstream(*m_, caller_, "pets", wanted(), 7).error().code,
              Code::PreconditionFailed);
}

TEST_F(Upstreams, ChangeServersOneByOne) {
    create();
    ASSERT_TRUE(add_upstream_server(*m_, caller_, "pets", {.address = "10.0.0.3:8080"}));
    EXPECT_EQ(add_upstream_server(*m_, caller_, "pets", {.address = "10.0.0.3:8080"}).error().code,
              Code::NameTaken);
    const ServerRef second{.upstream = "pets", .address = "10.0.0.2:8080"};
    const auto drained =
        edit_upstream_server(*m_, caller_, second, {.weight = 0, .backup = true}, 2);
    ASSERT_TRUE(drained) << drained.error().message;
    const model::UpstreamServer* server = drained->value.find("10.0.0.2:8080");
    EXPECT_EQ(server->weight, 0);
    EXPECT_TRUE(server->backup);
    EXPECT_TRUE(server->enabled);
    EXPECT_EQ(edit_upstream_server(*m_, caller_, second, {.weight = 1}, 2).error().code,
              Code::PreconditionFailed);
    ASSERT_TRUE(remove_upstream_server(*m_, caller_, second, {}));
    EXPECT_EQ(remove_upstream_server(*m_, caller_, second, {}).error().code, Code::NotFound);
    EXPECT_EQ(show_upstream(*m_, caller_, "pets")->servers.size(), 2U);
}

TEST_F(Upstreams, MustExistForADraftThatNamesThem) {
    create_pets();
    const Status refused = use("pets", "cats");
    ASSERT_FALSE(refused);
    EXPECT_TRUE(has_fault(refused.error(), "/backend/config/upstream", "upstream.unknown"));
    create("cats");
    EXPECT_TRUE(use("pets", "cats"));
}

TEST_F(Upstreams, StayWhileADraftOrADeployedReleaseUsesThem) {
    create_pets("shop");
    create("cats");
    create("cats-old");  // its name holds the other one
    ASSERT_TRUE(use("shop", "cats"));
    const auto by_draft = delete_upstream(*m_, caller_, "cats", {});
    ASSERT_FALSE(by_draft);
    EXPECT_EQ(by_draft.error().code, Code::StateConflict);
    EXPECT_NE(by_draft.error().message.find("shop"), std::string::npos);
    EXPECT_TRUE(delete_upstream(*m_, caller_, "cats-old", {}));

    ASSERT_TRUE(publish(*m_, caller_, {.service = "shop", .environments = {"release"}}));
    ASSERT_TRUE(stop(*m_, caller_, {.service = "shop", .environments = {"release"}}));
    EXPECT_FALSE(delete_upstream(*m_, caller_, "cats", {})) << "it could not be started again";
    ASSERT_TRUE(delete_service(*m_, caller_, "shop", {}));
    EXPECT_TRUE(delete_upstream(*m_, caller_, "cats", {}));
}

TEST_F(Upstreams, AreChangedBySomebodyPermittedOnly) {
    create();
    const Caller reader = with_permissions({"upstream:read"});
    EXPECT_TRUE(show_upstream(*m_, reader, "pets"));
    EXPECT_TRUE(show_upstream_health(*m_, reader, "pets"));
    EXPECT_EQ(create_upstream(*m_, reader, wanted("cats")).error().code, Code::PermissionDenied);
    EXPECT_EQ(add_upstream_server(*m_, reader, "pets", {}).error().code, Code::PermissionDenied);
    EXPECT_EQ(show_upstream(*m_, with_permissions({"service:read"}), "pets").error().code,
              Code::PermissionDenied);
}

}  // namespace
}  // namespace lintel::management
