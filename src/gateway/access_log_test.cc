#include "gateway/access_log.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/text.h"
#include "data/json.h"
#include "support/temporary_folder.h"

namespace lintel::gateway {
namespace {

namespace fs = std::filesystem;

AccessRecord record(std::string_view path = "/pets") {
    AccessRecord made;
    made.numbers.time = 1'700'000'000'042;
    made.numbers.status = 200;
    made.texts[AccessRecord::RequestId] = "req_1";
    made.texts[AccessRecord::Path] = path;
    return made;
}

std::string line_of(const AccessRecord& made) {
    AccessLogFormat format;
    std::string line;
    format.append(line, made);
    return line;
}

TEST(AccessLogFormat, WritesOneObjectWithAllThatIsKnown) {
    AccessRecord made = record();
    AccessRecord::Numbers& numbers = made.numbers;
    numbers.revision = 42;
    numbers.release = 3;
    numbers.bytes_in = 10;
    numbers.bytes_out = 20;
    numbers.total_us = 412;
    numbers.backend_us = 300;
    numbers.backend_status = 200;
    numbers.client = IpAddress::parse("203.0.113.7").value();
    numbers.status = 429;
    numbers.refused = true;
    numbers.code = Code::LimitRate;
    numbers.phase = Phase::Limit;
    for (const auto& [which, text] : std::to_array<std::pair<AccessRecord::Text, std::string_view>>(
             {{AccessRecord::CorrelationId, "mine"},
              {AccessRecord::Environment, "test"},
              {AccessRecord::Service, "pets"},
              {AccessRecord::Api, "listPets"},
              {AccessRecord::Method, "GET"},
              {AccessRecord::Host, "localhost"},
              {AccessRecord::Query, "a=1&access_token=t"},
              {AccessRecord::CredentialId, "crd_1"},
              {AccessRecord::CredentialName, "Ann"},
              {AccessRecord::AuthMethod, "basic"},
              {AccessRecord::BackendAddress, "10.0.0.1:80"},
              {AccessRecord::Reason, "used up"}})) {
        made.texts[which] = text;
    }
    EXPECT_EQ(
        line_of(made),
        R"({"time":"2023-11-14T22:13:20.042Z","request_id":"req_1","correlation_id":"mine",)"
        R"("revision":42,"environment":"test","service":"pets","release":3,"api":"listPets",)"
        R"("method":"GET","host":"localhost","path":"/pets","query":"a=1&access_token=***",)"
        R"("status":429,"code":"limit.rate","phase":"limit","reason":"used up",)"
        R"("client":"203.0.113.7","credential":"crd_1","credential_name":"Ann","auth":"basic",)"
        R"("bytes_in":10,"bytes_out":20,"total_us":412,"backend_us":300,"backend_status":200,)"
        R"("backend_address":"10.0.0.1:80"})"
        "\n");
}

TEST(AccessLogFormat, SaysWhichServerOfAnUpstreamAnsweredAtWhichTry) {
    AccessRecord made = record();
    made.texts[AccessRecord::Upstream] = "pets";
    made.texts[AccessRecord::UpstreamServer] = "pets.internal:80";
    made.numbers.backend_tries = 1;
    EXPECT_TRUE(line_of(made).ends_with(
        "\"upstream\":\"pets\",\"upstream_server\":\"pets.internal:80\"}\n"))
        << line_of(made);
    made.numbers.backend_tries = 3;
    EXPECT_TRUE(line_of(made).ends_with(",\"backend_tries\":3}\n")) << line_of(made);
}

TEST(AccessLogFormat, FollowsTheClock) {
    AccessLogFormat format;
    std::string lines;
    AccessRecord made = record();
    for (const TimeMs time : {1'700'000'000'999, 1'700'000'001'000, 1'700'000'000'000}) {
        made.numbers.time = time;
        format.append(lines, made);
    }
    EXPECT_NE(lines.find("22:13:20.999Z"), std::string::npos);
    EXPECT_NE(lines.find("22:13:21.000Z"), std::string::npos);
    EXPECT_NE(lines.find("22:13:20.000Z"), std::string::npos);
}

TEST(MaskedQuery, HidesValuesByTheNameOfTheirParameter) {
    EXPECT_EQ(masked_query("a=1&client_id=x&client_secret=y", ""),
              "a=1&client_id=x&client_secret=***");
    EXPECT_EQ(masked_query("access_token=a&b&c=", ""), "access_token=***&b&c=");
    EXPECT_EQ(masked_query("ACCESS_TOKEN=a&%61ccess%5Ftoken=b", ""),
              "ACCESS_TOKEN=***&%61ccess%5Ftoken=***");
    EXPECT_EQ(masked_query("sk=a&client_sectet=b&password=c", ""),
              "sk=***&client_sectet=***&password=***");
    EXPECT_EQ(masked_query("own=a&other=b", "own"), "own=***&other=b");
    EXPECT_EQ(masked_query("token=a=b&x=1", ""), "token=***&x=1");
    EXPECT_EQ(masked_query("", ""), "");
}

TEST(AccessLogRing, GivesBackWhatWasPutInInOrder) {
    AccessLogRing ring(1U << 12);
    AccessRecord out;
    EXPECT_FALSE(ring.pop(out));
    // Many rounds, so that records of different sizes pass the end of the ring at every place.
    for (int round = 0; round < 2'000; ++round) {
        const std::string path(static_cast<std::size_t>(round % 97), 'a');
        for (int i = 0; i < 3; ++i) {
            AccessRecord in = record(path);
            in.numbers.revision = round * 3 + i;
            ASSERT_TRUE(ring.push(in));
        }
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(ring.pop(out));
            ASSERT_EQ(out.numbers.revision, round * 3 + i);
            ASSERT_EQ(out.texts[AccessRecord::Path], path);
            ASSERT_EQ(out.texts[AccessRecord::RequestId], "req_1");
        }
        ASSERT_FALSE(ring.pop(out));
    }
    EXPECT_EQ(ring.dropped(), 0U);
}

TEST(AccessLogRing, DropsAndCountsWhenItIsFull) {
    AccessLogRing ring(1U << 12);
    int kept = 0;
    while (ring.push(record())) {
        ++kept;
    }
    EXPECT_GT(kept, 5);
    EXPECT_TRUE(ring.is_filling());
    EXPECT_FALSE(ring.push(record()));
    EXPECT_EQ(ring.dropped(), 2U);
    AccessRecord out;
    int popped = 0;
    while (ring.pop(out)) {
        ++popped;
    }
    EXPECT_EQ(popped, kept);
    EXPECT_TRUE(ring.push(record()));
}

class AccessLogFile : public testing::Test {
protected:
    static std::vector<std::string> lines_of(const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        std::vector<std::string> lines;
        for (std::string line; std::getline(in, line);) {
            lines.push_back(line);
        }
        return lines;
    }
    support::TemporaryFolder folder;
    fs::path file = folder / "access.log";
};

TEST_F(AccessLogFile, EveryRequestIsOneLineWhateverItsBytes) {
    constexpr int kRequests = 20'000;
    AccessLogRing ring;
    {
        auto writer = AccessLogWriter::open(file.string(), {&ring});
        ASSERT_TRUE(writer);
        std::mt19937 random(3);  // NOLINT: a fixed seed makes the failure repeatable
        constexpr std::string_view kNasty(
            "\r\n\x1b\0\"\\\x7f\xff\xe2\x80\xa8\xe2\x80\xa9\xc3\xa9&=%", 19);
        for (int i = 0; i < kRequests; ++i) {
            std::array<std::string, AccessRecord::kTextCount> texts;
            AccessRecord made = record();
            for (std::size_t k = 0; k < texts.size(); ++k) {
                for (auto left = random() % 6; left > 0; --left) {
                    texts[k] += random() % 2 == 0 ? kNasty[random() % kNasty.size()]
                                                  : static_cast<char>(random());
                }
                made.texts[k] = texts[k];
            }
            while (!ring.push(made)) {
                (*writer)->flush();
            }
        }
    }
    const auto lines = lines_of(file);
    EXPECT_EQ(lines.size(), static_cast<std::size_t>(kRequests));
    for (const std::string& line : lines) {
        const auto parsed = data::parse_json(line);
        ASSERT_TRUE(parsed) << line << ": " << parsed.error().message;
        ASSERT_TRUE(parsed->contains("status"));
        ASSERT_TRUE(is_valid_utf8(line));
    }
}

TEST_F(AccessLogFile, ReopeningWritesToTheNewFile) {
    AccessLogRing ring;
    auto writer = AccessLogWriter::open(file.string(), {&ring});
    ASSERT_TRUE(writer);
    ring.push(record("/old"));
    (*writer)->flush();
    fs::rename(file, folder / "access.log.1");
    (*writer)->reopen();
    ring.push(record("/new"));
    (*writer)->flush();
    writer->reset();
    ASSERT_EQ(lines_of(folder / "access.log.1").size(), 1U);
    ASSERT_EQ(lines_of(file).size(), 1U);
    EXPECT_NE(lines_of(file).front().find("/new"), std::string::npos);
}

TEST_F(AccessLogFile, AFileThatCannotBeOpenedIsAClearError) {
    const auto writer = AccessLogWriter::open((folder / "none" / "access.log").string(), {});
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().code, Code::StartFailed);
    EXPECT_NE(writer.error().message.find("access.log"), std::string::npos);
}

TEST_F(AccessLogFile, AFullDiskIsCountedNotWaitedFor) {
    if (!fs::exists("/dev/full")) { GTEST_SKIP() << "no /dev/full here"; }
    AccessLogRing ring;
    auto writer = AccessLogWriter::open("/dev/full", {&ring});
    ASSERT_TRUE(writer);
    ring.push(record());
    ring.push(record());
    (*writer)->flush();
    EXPECT_EQ((*writer)->failed(), 2U);
}

}  // namespace
}  // namespace lintel::gateway
