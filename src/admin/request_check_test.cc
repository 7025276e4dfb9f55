#include "admin/request_check.h"

#include <gtest/gtest.h>

namespace lintel::admin {
namespace {

const Operation& operation(std::string_view id) {
    static const Result<Contract> kContract = Contract::build();
    EXPECT_TRUE(kContract.has_value());
    const Operation* found = kContract->find(id);
    EXPECT_NE(found, nullptr) << id;
    return *found;
}

TEST(RequestCheck, QueryParametersAreTypedWithDefaults) {
    const auto query = read_query(operation("listServices"), "page_size=7&q=pet%20shop");
    ASSERT_TRUE(query.has_value());
    EXPECT_EQ(query->at("page_size"), 7);
    EXPECT_EQ(query->at("q"), "pet shop");
    EXPECT_EQ(read_query(operation("listServices"), "")->at("page_size"), 20);
}

TEST(RequestCheck, EveryFaultOfAQueryIsNamed) {
    const auto query =
        read_query(operation("listServices"), "page_size=0&status=asleep&order=name&q=a&q=b");
    ASSERT_FALSE(query.has_value());
    EXPECT_EQ(query.error().code, Code::QueryInvalid);
    std::vector<std::string> pointers;
    for (const Fault& fault : query.error().faults) {
        pointers.push_back(fault.pointer);
    }
    std::ranges::sort(pointers);
    EXPECT_EQ(pointers, (std::vector<std::string>{"/query/order", "/query/page_size", "/query/q",
                                                  "/query/status"}));
}

TEST(RequestCheck, PathValuesThatCannotBeAreNotFound) {
    const auto path = read_path(operation("showRelease"),
                                {{"gateway", "default"}, {"service", "s"}, {"release", "zero"}});
    ASSERT_FALSE(path.has_value());
    EXPECT_EQ(path.error().code, Code::NotFound);
}

TEST(RequestCheck, OnlyDeclaredMediaTypesAreTaken) {
    for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "json"}) {
        const auto body = read_body(operation("logIn"), type, "{}");
        ASSERT_FALSE(body.has_value()) << type;
        EXPECT_EQ(body.error().code, Code::MediaTypeUnsupported) << type;
    }
    EXPECT_TRUE(read_body(operation("logIn"), "Application/JSON; charset=utf-8",
                          R"({"name":"a","password":"b"})")
                    .has_value());
}

TEST(RequestCheck, BodiesMustBeJsonThatTheContractKnows) {
    const auto broken = read_body(operation("logIn"), "application/json", R"({"name":"a",)");
    ASSERT_FALSE(broken.has_value());
    EXPECT_EQ(broken.error().code, Code::BodyMalformed);
    const auto twice = read_body(operation("logIn"), "application/json",
                                 R"({"name":"a","name":"b","password":"c"})");
    ASSERT_FALSE(twice.has_value());
    EXPECT_EQ(twice.error().code, Code::BodyMalformed);
    const auto unknown =
        read_body(operation("logIn"), "application/json", R"({"name":"a","passwort":"c"})");
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().code, Code::FieldInvalid);
    EXPECT_EQ(unknown.error().faults.size(), 2U);
}

TEST(RequestCheck, OperationsWithoutABodyTakeNone) {
    EXPECT_TRUE(read_body(operation("listUsers"), "", "").has_value());
    EXPECT_FALSE(read_body(operation("listUsers"), "application/json", "{}").has_value());
}

TEST(RequestCheck, IfMatchIsAVersionOrAStar) {
    const Operation& edit = operation("editService");
    EXPECT_EQ(read_if_match(edit, "\"17\"").value(), 17);
    EXPECT_FALSE(read_if_match(edit, "*").value().has_value());
    const auto missing = read_if_match(edit, "");
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, Code::PreconditionRequired);
    for (const char* other : {"17", "W/\"17\"", "\"x\"", "\"17\", \"18\"", "\"\""}) {
        const auto version = read_if_match(edit, other);
        ASSERT_TRUE(version.has_value()) << other;
        EXPECT_EQ(version->value(), -1) << "matches no version: " << other;
    }
    EXPECT_FALSE(read_if_match(operation("publishService"), "").value().has_value());
}

}  // namespace
}  // namespace lintel::admin
