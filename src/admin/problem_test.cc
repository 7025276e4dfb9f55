#include "admin/problem.h"

#include <gtest/gtest.h>

namespace lintel::admin {
namespace {

TEST(Problem, HasEveryMemberAndKeepsTheCausePrivate) {
    const Error error{.code = Code::FieldInvalid,
                      .message = "One field is wrong",
                      .cause = "a secret detail",
                      .faults = {{"/name", "field.required", "is required"}}};
    const data::Json problem = to_problem(error, "req_1");
    EXPECT_EQ(problem.at("type"), "urn:lintel:error:field.invalid");
    EXPECT_EQ(problem.at("status"), 400);
    EXPECT_EQ(problem.at("code"), "field.invalid");
    EXPECT_EQ(problem.at("detail"), "One field is wrong");
    EXPECT_EQ(problem.at("request_id"), "req_1");
    EXPECT_EQ(problem.at("errors").at(0).at("pointer"), "/name");
    EXPECT_EQ(problem.dump().find("a secret detail"), std::string::npos);
}

TEST(Problem, EveryCodeMakesACompleteProblem) {
    for (const CodeInfo& row : all_codes()) {
        const data::Json problem = to_problem({.code = row.code, .message = ""}, "req_1");
        EXPECT_EQ(problem.at("code"), row.name);
        EXPECT_EQ(problem.at("detail"), row.title);
        EXPECT_EQ(problem.at("status"), row.status);
    }
}

}  // namespace
}  // namespace lintel::admin
