#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <string>

#include "gateway/exchange.h"
#include "policies/compress/encoder.h"
#include "policies/policies.h"
#include "scenarios/scenario.h"

namespace lintel::policies {
namespace {

using scenarios::Answer;
using scenarios::kinds_of;
using scenarios::Named;
using scenarios::Stage;

const std::string kText = [] {
    std::string text;
    for (int i = 0; i < 500; ++i) {
        text += "a line of text that repeats itself\n";
    }
    return text;
}();

/// Answers with the text, in JSON's clothes.
class TextBackend final : public gateway::Backend {
public:
    Task<gateway::Verdict> call(gateway::Exchange& exchange) const override {
        exchange.response.status = 200;
        exchange.response.fields.add("Content-Type", "application/json; charset=utf-8");
        exchange.response.fields.add("ETag", "\"v1\"");
        exchange.response.body = kText;
        co_return gateway::Verdict::proceed();
    }
};

Result<std::unique_ptr<const gateway::Backend>> build_text(const data::Json&,
                                                           const gateway::BuildContext&) {
    return std::make_unique<const TextBackend>();
}

gateway::Kinds kinds_with_text() {
    gateway::Kinds all = kinds_of(register_policies);
    all.backends.push_back({.name = "text", .schema = "{}", .build = build_text});
    return all;
}

std::string unpacked(std::string_view packed) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string text;
    int state = Z_OK;
    while (state == Z_OK) {
        std::array<char, 4096> piece;
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = piece.size();
        state = inflate(&stream, Z_NO_FLUSH);
        text.append(piece.data(), piece.size() - stream.avail_out);
    }
    EXPECT_EQ(state, Z_STREAM_END);
    inflateEnd(&stream);
    return text;
}

Answer answer(std::string_view config, std::string_view accepted) {
    Stage stage(kinds_with_text());
    EXPECT_TRUE(
        stage.publish({.policies = {{"compress", std::string(config)}}, .backend = Named{"text"}}));
    return stage.call({.headers = {{"Accept-Encoding", std::string(accepted)}}});
}

TEST(Compress, PacksWhatTheCallerAccepts) {
    const Answer packed = answer("{}", "gzip");
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
    EXPECT_EQ(packed.header("Vary"), "Accept-Encoding");
    EXPECT_EQ(packed.header("ETag"), "W/\"v1\"");
    EXPECT_EQ(unpacked(packed.body), kText);
    EXPECT_LT(packed.body.size(), kText.size() / 10);
    EXPECT_EQ(answer("{}", "gzip, br").header("Content-Encoding"), "br");
    EXPECT_EQ(answer("{}", "identity").body, kText);
    EXPECT_EQ(answer("{}", "gzip;q=nan, br;q=2").body, kText);
}

TEST(Compress, FollowsItsSettings) {
    EXPECT_EQ(answer(R"({"algorithms": ["gzip"]})", "br, gzip").header("Content-Encoding"), "gzip");
    EXPECT_FALSE(answer(R"({"algorithms": ["gzip"]})", "br").has_header("Content-Encoding"));
    EXPECT_FALSE(answer(R"({"types": ["text/*"]})", "gzip").has_header("Vary"));
    EXPECT_FALSE(answer(R"({"min_bytes": 1000000})", "gzip").has_header("Vary"));
}

TEST(Compress, RefusesSettingsThatMakeNoSense) {
    scenarios::run_scenarios(
        kinds_with_text(), "compress",
        {{.name = "no such coding",
          .config = R"({"algorithms": ["lzma"]})",
          .faults = {"/algorithms/0"}},
         {.name = "no such level", .config = R"({"level": 10})", .faults = {"/level"}},
         {.name = "no type", .config = R"({"types": ["json"]})", .faults = {"/types/0"}}});
}

TEST(Encoder, GivesOutEverythingWhenAskedTo) {
    for (const Coding coding : {Coding::Brotli, Coding::Gzip}) {
        const auto encoder = make_encoder(coding, 5);
        std::string out;
        encoder->encode(std::string_view("hello"), Encoder::Until::Enough, out);
        const std::size_t kept_back = out.size();
        encoder->encode({}, Encoder::Until::Now, out);
        EXPECT_GT(out.size(), kept_back);
        const std::size_t flushed = out.size();
        encoder->encode({}, Encoder::Until::End, out);
        EXPECT_GT(out.size(), flushed);
        if (coding == Coding::Gzip) { EXPECT_EQ(unpacked(out), "hello"); }
    }
}

}  // namespace
}  // namespace lintel::policies
