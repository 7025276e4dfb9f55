#include "http/http2_request_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace lintel::http {
namespace {

using Head = std::vector<std::pair<std::string, std::string>>;

/// The text of the head, or "malformed".
std::string written(const Head& head) {
    Http2RequestText text;
    text.begin();
    for (const auto& [name, value] : head) {
        if (!text.add(name, value)) { return "malformed"; }
    }
    return text.finish(false) ? std::string(text.text()) : "malformed";
}

const Head kPlain = {
    {":method", "GET"}, {":scheme", "https"}, {":authority", "a.example"}, {":path", "/x?y=1"}};

Head with(Head head, std::pair<std::string, std::string> field) {
    head.push_back(std::move(field));
    return head;
}

TEST(Http2RequestText, WritesTheHeadOfHttp1ThatItStandsFor) {
    EXPECT_EQ(written(with(kPlain, {"accept", "a/b"})),
              "GET /x?y=1 HTTP/1.1\r\naccept: a/b\r\nhost: a.example\r\n\r\n");
}

TEST(Http2RequestText, CrumbsOfCookiesAreOneField) {
    EXPECT_EQ(written(with(with(kPlain, {"cookie", "a=1"}), {"cookie", "b=2"})),
              "GET /x?y=1 HTTP/1.1\r\ncookie: a=1; b=2\r\nhost: a.example\r\n\r\n");
}

TEST(Http2RequestText, NothingCanBeSmuggledThroughAnyPart) {
    for (const std::string& evil : {std::string("a\r\nhost: b"), std::string("a\nb"),
                                    std::string("a\0b", 3), std::string("a\rb")}) {
        EXPECT_EQ(written(with(kPlain, {"x", evil})), "malformed");
        EXPECT_EQ(written(with(kPlain, {"cookie", evil})), "malformed");
        EXPECT_EQ(written(with(kPlain, {evil, "x"})), "malformed");
        for (std::size_t i = 0; i < kPlain.size(); ++i) {
            Head head = kPlain;
            head[i].second += evil;
            EXPECT_EQ(written(head), "malformed") << head[i].first;
        }
    }
}

TEST(Http2RequestText, ABodyHasALengthOrChunks) {
    Http2RequestText text;
    for (const bool counted : {false, true}) {
        text.begin();
        for (const auto& [name, value] : kPlain) {
            ASSERT_TRUE(text.add(name, value));
        }
        if (counted) { ASSERT_TRUE(text.add("content-length", "5")); }
        ASSERT_TRUE(text.finish(true));
        EXPECT_EQ(text.text().find("chunked") == std::string_view::npos, counted);
    }
}

TEST(Http2RequestText, TheSameMemoryServesHeadAfterHead) {
    Http2RequestText text;
    for (int i = 0; i < 2; ++i) {
        text.begin();
        for (const auto& [name, value] : with(kPlain, {"te", "trailers"})) {
            ASSERT_TRUE(text.add(name, value));
        }
        ASSERT_TRUE(text.finish(false));
        EXPECT_TRUE(text.accepts_trailers());
        EXPECT_EQ(text.text(), "GET /x?y=1 HTTP/1.1\r\nhost: a.example\r\n\r\n");
        text.shrink();
    }
    text.begin();
    EXPECT_FALSE(text.accepts_trailers());
}

}  // namespace
}  // namespace lintel::http
