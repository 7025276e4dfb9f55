#include "management/debug.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "management/scenario_test.h"

namespace lintel::management {
namespace {

class Debug : public Scenario {
protected:
    void SetUp() override {
        Scenario::SetUp();
        service_ = create_pets().service.id.str();
        api_ = list_apis(*m_, caller_, {.service = service_}, {}, {})->items.front().id;
    }
    DebugRequest request() const {
        return {.copy = {.service = service_}, .api = api_, .path = "/pets"};
    }
    const model::ServiceDefinition& tried() const { return publisher_.debugged_definitions.back(); }

    std::string service_;
    model::ApiId api_;
};

TEST_F(Debug, TriesTheDraftWithNothingButTheApiAndIsAudited) {
    ASSERT_TRUE(create_api(*m_, caller_, service_, api("Other", "/other"), {}));
    const auto answer = debug_call(*m_, caller_, request());
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(publisher_.debugged, std::vector<std::string>{"GET /pets"});
    ASSERT_EQ(tried().apis.size(), 1U);
    EXPECT_EQ(tried().apis.front().id, api_);
    EXPECT_EQ(audited("api.debug"), 1U);
    EXPECT_TRUE(publisher_.changes.empty() ||
                publisher_.changes.back().kind != Change::Kind::Service);
}

TEST_F(Debug, LeavesAuthenticationAndPoliciesOutWhenAsked) {
    model::ApiDefinition changed = api("Pets", "/pets");
    changed.auth = {.kind = "hmac"};
    ASSERT_TRUE(replace_api(*m_, caller_, service_, api_, changed, {}));
    DebugRequest asked = request();
    ASSERT_TRUE(debug_call(*m_, caller_, asked));
    EXPECT_EQ(tried().apis.front().auth.kind, "hmac");
    asked.authentication = Held::NotTo;
    ASSERT_TRUE(debug_call(*m_, caller_, asked));
    EXPECT_EQ(tried().apis.front().auth.kind, "none");
}

TEST_F(Debug, NamesEveryFaultOfTheRequest) {
    DebugRequest asked = request();
    asked.path = "pets?x";
    asked.query = "a b";
    asked.client_ip = "nobody";
    asked.headers = {{"Host", "x"}, {"X", " padded"}};
    const auto answer = debug_call(*m_, caller_, asked);
    ASSERT_FALSE(answer);
    for (const char* pointer :
         {"/path", "/query", "/client_ip", "/headers/0/name", "/headers/1/value"}) {
        const auto& faults = answer.error().faults;
        EXPECT_NE(std::ranges::find(faults, pointer, &Fault::pointer), faults.end()) << pointer;
    }
    EXPECT_TRUE(publisher_.debugged.empty());
    EXPECT_EQ(audited("api.debug"), 0U);
}

TEST_F(Debug, NeedsAPermissionOfItsOwn) {
    EXPECT_FALSE(debug_call(*m_, with_permissions({"service:write", "service:read"}), request()));
    EXPECT_TRUE(debug_call(*m_, with_permissions({"service:debug", "service:read"}), request()));
}

}  // namespace
}  // namespace lintel::management
