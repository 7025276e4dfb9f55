#include "gateway/route.h"

#include <gtest/gtest.h>

#include <string>

namespace lintel::gateway {
namespace {

class Idle final : public Policy {
    Verdict on_request(Exchange&) const override { return Verdict::proceed(); }
};

TEST(Route, KeepsItsNamesHoweverLong) {
    for (const std::size_t length : {0U, 3U, 28U, 29U, 200U}) {
        std::string id(length, 'i');
        std::string name(length, 'n');
        std::string method(length, 'm');
        std::string path(length, 'p');
        const Route route({.api_id = id, .api_name = name, .method = method, .path = path});
        for (std::string* source : {&id, &name, &method, &path}) {
            source->assign(length, '?');
        }
        EXPECT_EQ(route.names.api_id, std::string(length, 'i'));
        EXPECT_EQ(route.names.api_name, std::string(length, 'n'));
        EXPECT_EQ(route.names.method, std::string(length, 'm'));
        EXPECT_EQ(route.names.path, std::string(length, 'p'));
    }
}

TEST(Route, ItsOwnPoliciesRunBehindThoseOfTheServiceAndForItAlone) {
    const Idle common;
    CompiledService service;
    service.common_policies.add(Phase::Limit, common);
    Route with_own({});
    with_own.policies = &service.common_policies;
    Route without({});
    without.policies = &service.common_policies;
    with_own.add_policy(Phase::Limit, std::make_unique<const Idle>());
    with_own.add_policy(Phase::Access, std::make_unique<const Idle>());

    ASSERT_EQ(with_own.policies->limit.size(), 2U);
    EXPECT_EQ(with_own.policies->limit[0], &common);
    EXPECT_EQ(with_own.policies->access.size(), 1U);
    EXPECT_EQ(without.policies->limit.size(), 1U);
    EXPECT_EQ(without.policies->access.size(), 0U);
}

}  // namespace
}  // namespace lintel::gateway
