#include "management/audit_csv.h"

#include <gtest/gtest.h>

namespace lintel::management {
namespace {

std::string line_of(const model::AuditEvent& event) {
    const std::string csv = to_csv({event});
    return csv.substr(csv.find("\r\n") + 2);
}

TEST(AuditCsv, BeginsWithAHeadingForEveryColumn) {
    EXPECT_EQ(to_csv({}),
              "\"id\",\"at\",\"actor\",\"token_id\",\"remote\",\"request_id\",\"action\","
              "\"object_type\",\"object_id\",\"object_name\",\"project\",\"result\",\"before\","
              "\"after\"\r\n");
}

TEST(AuditCsv, DoublesQuotesAndKeepsLineBreaksInsideACell) {
    const std::string line = line_of({.object_name = "a \"b\",\nc"});
    EXPECT_NE(line.find("\"a \"\"b\"\",\nc\""), std::string::npos) << line;
}

TEST(AuditCsv, MakesTextOfWhatWouldBeAFormula) {
    for (const std::string formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"}) {
        const std::string line = line_of({.actor = formula});
        EXPECT_NE(line.find("\"'" + formula + "\""), std::string::npos) << line;
    }
    EXPECT_EQ(line_of({.actor = "a=1"}).find('\''), std::string::npos);
}

}  // namespace
}  // namespace lintel::management
