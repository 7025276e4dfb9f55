#include "admin/contract.h"

#include <gtest/gtest.h>

#include "admin/bindings.h"

namespace lintel::admin {
namespace {

const Contract& contract() {
    static const Result<Contract> kBuilt = Contract::build();
    EXPECT_TRUE(kBuilt.has_value()) << kBuilt.error().message;
    return *kBuilt;
}

TEST(Contract, IsTotal) {
    for (const std::string& sentence : orphans(contract(), all_bindings())) {
        ADD_FAILURE() << sentence;
    }
}

TEST(Contract, OrphansOnEitherSideAreNamed) {
    std::vector<Binding> bindings = all_bindings();
    bindings.front().operation_id = "noSuchOperation";
    bindings.push_back(bindings.back());
    EXPECT_EQ(orphans(contract(), bindings).size(), 3U);
}

TEST(Contract, EveryOperationOfTheFileIsThere) {
    std::size_t declared = 0;
    for (const auto& path : contract().document().at("paths")) {
        for (const auto& member : path.items()) {
            declared += data::find(member.value(), "operationId") == nullptr ? 0U : 1U;
        }
    }
    EXPECT_EQ(contract().operations().size(), declared);
}

TEST(Contract, ChangesOfVersionedObjectsNeedIfMatch) {
    for (const Operation& operation : contract().operations()) {
        const bool changes = operation.method == "PUT" || operation.method == "PATCH";
        if (changes) { EXPECT_EQ(operation.if_match, Presence::Required) << operation.id; }
    }
}

TEST(Contract, OnlyTheDoorsAreOpen) {
    std::vector<std::string> open;
    for (const Operation& operation : contract().operations()) {
        if (operation.access.kind == Access::Kind::Open) { open.push_back(operation.id); }
    }
    EXPECT_EQ(open, (std::vector<std::string>{"setUp", "logIn", "showContract"}));
}

TEST(Contract, AnOperationWithoutAKnownPermissionIsRefused) {
    const auto with = [](std::string_view member) {
        return Contract::parse(
            "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /x:\n    get:\n"
            "      operationId: x\n" +
            std::string(member) + "      responses: {'200': {description: Fine}}\n");
    };
    EXPECT_TRUE(with("      x-permission: any\n"));
    const auto missing = with("");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("x-permission is missing"), std::string::npos);
    EXPECT_FALSE(with("      x-permission: service:fly\n"));
    EXPECT_FALSE(with("      x-permission: ''\n"));
}

TEST(Contract, PathsMatchWithTheirParametersDecoded) {
    const auto match =
        contract().match("GET", "/api/v1/gateways/default/services/pet%2Dstore/releases/3");
    ASSERT_NE(match.operation, nullptr);
    EXPECT_EQ(match.operation->id, "showRelease");
    ASSERT_EQ(match.values.size(), 3U);
    EXPECT_EQ(match.values[1].second, "pet-store");
    EXPECT_EQ(match.values[2].second, "3");
}

TEST(Contract, OtherMethodsAndPathsDoNotMatch) {
    const auto method = contract().match("PATCH", "/api/v1/users");
    EXPECT_EQ(method.operation, nullptr);
    EXPECT_EQ(method.allowed, (std::vector<std::string_view>{"GET", "POST"}));
    for (const char* path : {"/", "/api/v1", "/api/v1/users/", "/api/v1//users", "/api/v1/nothing",
                             "/api/v1/gateways//services"}) {
        EXPECT_TRUE(contract().match("GET", path).allowed.empty()) << path;
    }
}

}  // namespace
}  // namespace lintel::admin
