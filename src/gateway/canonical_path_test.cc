#include "gateway/canonical_path.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace lintel::gateway {
namespace {

std::string canonical(std::string_view raw) {
    Arena arena;
    const auto path = canonical_path(raw, arena);
    return path ? std::string(path->path) : fmt::format("refused: {}", path.error());
}

bool refused(std::string_view raw) {
    return canonical(raw).starts_with("refused");
}

TEST(CanonicalPath, KeepsWhatIsCanonicalWithoutCopyingIt) {
    Arena arena;
    constexpr std::string_view kPath = "/pets/a-b.c_d~e!$&'()*+,;=:@f/";
    const auto path = canonical_path(kPath, arena);
    ASSERT_TRUE(path);
    EXPECT_EQ(path->path, kPath);
    EXPECT_EQ(path->path.data(), kPath.data());
}

TEST(CanonicalPath, DecodesUnreservedTripletsAndUpperCasesTheOthers) {
    EXPECT_EQ(canonical("/%70ets/%7e%2D%5f%2e5"), "/pets/~-_.5");
    EXPECT_EQ(canonical("/a%3ab%2b%40%20%25%3f%23"), "/a%3Ab%2B%40%20%25%3F%23");
    EXPECT_EQ(canonical("/%e5%bc%a0%E4%B8%89"), "/%E5%BC%A0%E4%B8%89");
}

TEST(CanonicalPath, ReservedCharactersStayWhatTheyAre) {
    EXPECT_EQ(canonical("/a;b=1/c@d+e:f"), "/a;b=1/c@d+e:f");
    EXPECT_NE(canonical("/a%2Bb"), canonical("/a+b"));
    EXPECT_NE(canonical("/a%40b"), canonical("/a@b"));
}

TEST(CanonicalPath, EncodesPrintableCharactersThatMayNotStandInAPath) {
    EXPECT_EQ(canonical("/a{b}|<\">^`[]"), "/a%7Bb%7D%7C%3C%22%3E%5E%60%5B%5D");
}

TEST(CanonicalPath, MergesSlashesAndResolvesDotSegmentsAfterDecoding) {
    EXPECT_EQ(canonical("//a///b//"), "/a/b/");
    EXPECT_EQ(canonical("/a/./b/../c"), "/a/c");
    EXPECT_EQ(canonical("/a/%2e/b/%2E%2e/c"), "/a/c");
    EXPECT_EQ(canonical("/a//../b"), "/b");
    EXPECT_EQ(canonical("/a/.."), "/");
    EXPECT_EQ(canonical("/a/b/."), "/a/b/");
    EXPECT_EQ(canonical("/release/pets/../x"), "/release/x");
    EXPECT_EQ(canonical("/.hidden/..a/b.."), "/.hidden/..a/b..");
}

TEST(CanonicalPath, ClimbingAboveTheRootEndsThere) {
    EXPECT_EQ(canonical("/../../a"), "/a");
    EXPECT_EQ(canonical("/a/../../../b"), "/b");
}

TEST(CanonicalPath, RefusesWhatBackendsReadDifferently) {
    for (const std::string_view raw :
         {"",       "a",     "*",         "/a%5Cb", "/a%5cb", "/a\\b", "/a%00",
          "/a%0A",  "/a%0d", "/a%7F",     "/a%1f",  "/a b",   "/a#b",  "/a?b",
          "/a\x01", "/\x7f", "/\xC3\xA9", "/a%",    "/a%4",   "/a%zz", "/%4 1"}) {
        EXPECT_TRUE(refused(raw)) << raw;
    }
}

TEST(CanonicalPath, RefusesEncodedBytesThatAreNotUtf8) {
    for (const std::string_view raw :
         {"/%C0%AF", "/%FF", "/%E5%BC", "/%E5a", "/%ED%A0%80", "/%C3%C3", "/%80", "/%E0%80%AF"}) {
        EXPECT_TRUE(refused(raw)) << raw;
    }
}

TEST(CanonicalPath, TellsEncodedSlashesAndKeepsThem) {
    Arena arena;
    const auto path = canonical_path("/a%2fb/%2F", arena);
    ASSERT_TRUE(path);
    EXPECT_EQ(path->path, "/a%2Fb/%2F");
    EXPECT_TRUE(path->encoded_slash);
    EXPECT_FALSE(canonical_path("/a%25/b", arena)->encoded_slash);
}

TEST(CanonicalPath, NoDotSegmentHidesBehindAnEncodedSlash) {
    for (const std::string_view raw : {"/a%2F..%2Fb", "/..%2Fb", "/a%2f%2e%2E", "/.%2Fa"}) {
        EXPECT_TRUE(refused(raw)) << raw;
    }
    EXPECT_EQ(canonical("/a%2F..b"), "/a%2F..b");
}

/// Random text out of pieces that matter.
std::string random_path(std::mt19937& random) {
    constexpr auto kPieces = std::to_array<std::string_view>(
        {"/",   "//",  ".", "..", "%2e", "%2E", "%2f",    "%2F", "a",     "B",
         "%41", "%3b", ";", "@",  "{",   "%7B", "%c3%a9", "%25", "%252e", "*",
         "~",   "%7e", "-", "%2", "\\",  "%5c", " ",      "%C3"});
    std::string path = "/";
    for (auto left = random() % 12; left > 0; --left) {
        path += kPieces[random() % kPieces.size()];
    }
    return path;
}

TEST(CanonicalPath, HoldsItsPropertiesForRandomPaths) {
    std::mt19937 random(20);  // NOLINT: a fixed seed makes the failure repeatable
    int accepted = 0;
    for (int round = 0; round < 50'000; ++round) {
        const std::string raw = random_path(random);
        const std::string path = canonical(raw);
        if (path.starts_with("refused")) { continue; }
        ++accepted;
        EXPECT_EQ(canonical(path), path) << raw;
        EXPECT_TRUE(path.starts_with('/')) << raw;
        const std::string closed = path + "/";
        for (const std::string_view bad : {"//", "/./", "/../", "%2e", "%2E", "%2f", "%5C", "%00",
                                           "\\", "#", "?", " ", "{", "%41", "%7E"}) {
            const bool end_of_list =
                bad == "//" && path.ends_with('/') && path.find("//") == std::string::npos;
            EXPECT_TRUE(closed.find(bad) == std::string::npos || end_of_list)
                << raw << " -> " << path << " holds " << bad;
        }
    }
    EXPECT_GT(accepted, 5'000);
}

std::string host(std::string_view raw) {
    Arena arena;
    const auto canonical = canonical_host(raw, arena);
    return canonical ? std::string(*canonical) : "refused";
}

TEST(CanonicalHost, IsLowerCaseWithoutPortAndTrailingDot) {
    EXPECT_EQ(host("A.COM"), "a.com");
    EXPECT_EQ(host("a.com."), "a.com");
    EXPECT_EQ(host("a.com.:8080"), "a.com");
    EXPECT_EQ(host("Pets-Test.localhost:80"), "pets-test.localhost");
    EXPECT_EQ(host("127.0.0.1:8080"), "127.0.0.1");
    EXPECT_EQ(host("[::1]:8080"), "[::1]");
    EXPECT_EQ(host("[FE80::1]"), "[fe80::1]");
    EXPECT_EQ(host("a.com:"), "a.com");
    EXPECT_EQ(host(""), "");
}

TEST(CanonicalHost, RefusesWhatIsNoHost) {
    for (const std::string_view raw :
         {"user@a.com", "a.com/b", "a b", "a.com:80x", "a.com:123456", ":80", ".", "[::1", "[x]",
          "a.com:80:80", "a.com..", "a.com..:80", "a%2ecom", "\xC3\xA9.com", "a,b", "[::1]x"}) {
        EXPECT_EQ(host(raw), "refused") << raw;
    }
}

}  // namespace
}  // namespace lintel::gateway
