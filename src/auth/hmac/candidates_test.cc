#include "auth/hmac/candidates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "auth/hmac/signing_test.h"
#include "base/text.h"
#include "data/json.h"

namespace lintel::auth {
namespace {

std::vector<std::string> spelled(const Spellings& spellings) {
    return {spellings.texts().begin(), spellings.texts().end()};
}

std::vector<std::string> queries(std::string_view raw,
                                 CanonicalQuery forms = CanonicalQuery::EncodedOnly) {
    Arena arena;
    return spelled(query_spellings(raw, forms, arena));
}

std::vector<std::string> paths(std::string_view raw) {
    Arena arena;
    return spelled(path_spellings(raw, arena));
}

bool contains(const std::vector<std::string>& texts, std::string_view text) {
    return std::ranges::find(texts, text) != texts.end();
}

TEST(CanonicalQuery, AgreesWithTheVectors) {
    const data::Json all = vectors();
    ASSERT_EQ(all["canonical_query"].size(), 14U);
    for (const data::Json& vector : all["canonical_query"]) {
        Arena arena;
        const std::string raw = vector["raw"];
        const SortedQuery sorted(raw, arena);
        EXPECT_EQ(sorted.encoded(arena), vector["canonical_encoded"].get<std::string>()) << raw;
        EXPECT_EQ(sorted.unencoded("", arena), vector["canonical_unencoded"].get<std::string>())
            << raw;
    }
}

TEST(CanonicalQuery, IsNotUsedWhenANamelessPairWouldGoUnsigned) {
    EXPECT_TRUE(contains(queries("b=2&a=1"), "a=1&b=2"));
    EXPECT_EQ(queries("b=2&=x&a=1"), std::vector<std::string>{"b=2&=x&a=1"});
    EXPECT_TRUE(contains(queries("b=2&&a=1&="), "a=1&b=2")) << "nothing is lost here";
}

TEST(CanonicalQuery, HasALimit) {
    std::string query = "z=1";
    for (std::size_t i = 1; i < SortedQuery::kMaxPairs; ++i) {
        query += "&a=1";
    }
    EXPECT_EQ(queries(query).size(), 2U);
    EXPECT_EQ(queries(query + "&a=1").size(), 1U);
}

TEST(QuerySpellings, ATypedQueryIsAmongThem) {
    EXPECT_TRUE(contains(queries("q=x%20y&r=a%26b"), "q=x y&r=a%26b"));
    EXPECT_TRUE(contains(queries("name=%E5%BC%A0%E4%B8%89&z=a%2Cb"), "name=\u5f20\u4e09&z=a%2Cb"));
    EXPECT_TRUE(contains(queries("name=%E5%BC%A0%E4%B8%89&z=a%2Cb"), "name=\u5f20\u4e09&z=a,b"));
}

TEST(QuerySpellings, NoDelimiterIsEverDecoded) {
    for (const std::string triplet :
         {"%26", "%3D", "%23", "%3F", "%25", "%2B", "%00", "%0A", "%0d", "%7f"}) {
        const std::string raw = "a=1" + triplet + "b=2&a=0";
        for (const CanonicalQuery forms :
             {CanonicalQuery::EncodedOnly, CanonicalQuery::AlsoUnencoded}) {
            for (const std::string& spelling : queries(raw, forms)) {
                std::string upper = spelling;
                std::ranges::transform(upper, upper.begin(),
                                       [](unsigned char c) { return std::toupper(c); });
                std::string wanted = triplet;
                std::ranges::transform(wanted, wanted.begin(),
                                       [](unsigned char c) { return std::toupper(c); });
                EXPECT_NE(upper.find(wanted), std::string::npos) << spelling;
            }
        }
    }
}

TEST(QuerySpellings, TheUnencodedCanonicalFormNeedsTheOption) {
    EXPECT_FALSE(contains(queries("q=a%20b&c"), "c=&q=a b"));
    EXPECT_TRUE(contains(queries("q=a%20b&c", CanonicalQuery::AlsoUnencoded), "c=&q=a b"));
    EXPECT_TRUE(contains(queries("q=a%2Bb&c", CanonicalQuery::AlsoUnencoded), "c=&q=a%2Bb"))
        << "a plus that was sent encoded stays so";
}

TEST(QuerySpellings, ABrokenTripletIsNotDecodedAround) {
    EXPECT_FALSE(contains(queries("q=%%34%31"), "q=%41"));
    EXPECT_FALSE(contains(queries("q=%%34%31", CanonicalQuery::AlsoUnencoded), "q=%41"));
    EXPECT_TRUE(contains(queries("q=%%34%31"), "q=%%34%31"));
}

TEST(QuerySpellings, EachStandsOnce) {
    EXPECT_EQ(queries(""), std::vector<std::string>{""});
    EXPECT_EQ(queries("a=1&b=2"), std::vector<std::string>{"a=1&b=2"});
    EXPECT_EQ(queries("b=2&a=1").size(), 2U);
}

TEST(PathSpellings, AreTheWireFormAndTheDecodedOnes) {
    EXPECT_EQ(paths("/demo/hello"), std::vector<std::string>{"/demo/hello"});
    EXPECT_EQ(paths("/demo/a%20b"), (std::vector<std::string>{"/demo/a%20b", "/demo/a b"}));
    EXPECT_EQ(paths("/a%3Bb%20c"), (std::vector<std::string>{"/a%3Bb%20c", "/a;b c", "/a%3Bb c"}));
    EXPECT_EQ(paths(""), std::vector<std::string>{"/"});
}

TEST(PathSpellings, NoDelimiterIsEverDecoded) {
    for (const std::string_view raw :
         {"/a%2Fb", "/a%2fb", "/a%3Fb", "/a%23b", "/a%252Fb", "/a%0Ab"}) {
        EXPECT_EQ(paths(raw), std::vector<std::string>{std::string(raw)});
    }
}

/// The query as a backend reads it: decoded pairs, in any order.
std::vector<std::pair<std::string, std::string>> meaning(std::string_view query) {
    const auto decoded = [](std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto byte = text[i] == '%' && i + 2 < text.size()
                                  ? from_hex(text.substr(i + 1, 2))
                                  : std::nullopt;
            out += byte ? (*byte)[0] : text[i] == '+' ? ' ' : text[i];
            i += byte ? 2U : 0U;
        }
        return out;
    };
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const std::string_view pair : split(query, '&')) {
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view value = pair.substr(std::min(pair.size(), equals + 1));
        if (equals == 0 && value.empty()) { continue; }
        pairs.emplace_back(decoded(pair.substr(0, equals)), decoded(value));
    }
    std::ranges::sort(pairs);
    return pairs;
}

// What keeps a signature from being good for two requests: whichever spelling was signed, sending
// that spelling itself would have asked for the same.
TEST(QuerySpellings, AllMeanTheSameRequest) {
    constexpr std::string_view kAlphabet = "%%%&=#?+ab25063DFfA";
    std::uint32_t random = 1;
    for (int round = 0; round < 20'000; ++round) {
        std::string raw;
        for (int i = 0; i < 12; ++i) {
            random = random * 1'664'525U + 1'013'904'223U;
            raw += kAlphabet[(random >> 16U) % kAlphabet.size()];
        }
        for (const std::string& spelling : queries(raw, CanonicalQuery::AlsoUnencoded)) {
            ASSERT_EQ(meaning(spelling), meaning(raw)) << raw << " spelled " << spelling;
        }
    }
}

}  // namespace
}  // namespace lintel::auth
