#include "http/http1.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lintel::http::http1 {
namespace {

std::string shown(const RequestParser& parser, Progress progress, const RequestHead& head) {
    if (progress == Progress::More) { return "more"; }
    if (progress == Progress::Refused) {
        return std::string(info(parser.refusal().code).name) + ": " + parser.refusal().message;
    }
    std::string text = std::string(head.method) + " " + std::string(head.target) +
                       " host=" + std::string(head.host);
    switch (head.framing.kind) {
        case Framing::Kind::None: break;
        case Framing::Kind::Length: text += " length=" + std::to_string(head.framing.length); break;
        case Framing::Kind::Chunked: text += " chunked"; break;
        case Framing::Kind::UntilClose: text += " until-close"; break;
    }
    if (!head.keep_alive) { text += " close"; }
    if (head.expect_continue) { text += " expect"; }
    for (const Field& field : head.fields) {
        if (field.id == HeaderId::Host || field.id == HeaderId::ContentLength) { continue; }
        text += " [" + std::string(field.name) + "=" + std::string(field.value) + "]";
    }
    return text + " consumed=" + std::to_string(parser.consumed());
}

std::string parse_whole(const std::string& bytes, const HeadLimits& limits = {}) {
    RequestParser parser(limits);
    RequestHead head;
    const Progress progress = parser.parse(bytes, head);
    return shown(parser, progress, head);
}

/// Feeds one more byte at a time, moving the buffer now and then as a growing connection does.
std::string parse_trickled(const std::string& bytes, const HeadLimits& limits = {}) {
    RequestParser parser(limits);
    RequestHead head;
    std::vector<std::string> buffers(2);
    for (std::string& buffer : buffers) {
        buffer.reserve(bytes.size() + 1);
    }
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        std::string& buffer = buffers[size / 50 % 2];
        buffer.assign(bytes, 0, size);
        const Progress progress = parser.parse(buffer, head);
        if (progress != Progress::More) { return shown(parser, progress, head); }
    }
    return "more";
}

struct Case {
    std::string bytes;
    std::string expected;  ///< what shown() begins with
};

void check(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        const std::string whole = parse_whole(one.bytes);
        EXPECT_TRUE(whole.starts_with(one.expected)) << one.bytes << "\n-> " << whole;
        EXPECT_EQ(parse_trickled(one.bytes), whole) << one.bytes;
    }
}

std::string get(const std::string& fields) {
    return "GET /a HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

TEST(RequestParser, AcceptsWellFormedHeads) {
    check({
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / host=h consumed=27"},
        {"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / host=h consumed=29"},
        {"GET /a?b=c&d HTTP/1.1\r\nHost: h:80\r\n\r\n", "GET /a?b=c&d host=h:80"},
        {"M-SEARCH /a HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "M-SEARCH /a host=[::1]:8080"},
        {"GET http://h/a?b HTTP/1.1\r\nHost: H\r\n\r\n", "GET /a?b host=H"},
        {"GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", "GET / host=h"},
        {get("X:  a b\t \r\nY:\r\n"), "GET /a host=h [X=a b] [Y=]"},
        {get("X: caf\xc3\xa9\r\n"), "GET /a host=h [X=caf\xc3\xa9]"},
        {get("Content-Length: 12\r\n"), "GET /a host=h length=12"},
        {get("content-length:000000000000000012\r\n"), "GET /a host=h length=12"},
        {get("Transfer-Encoding: Chunked\r\n"), "GET /a host=h chunked"},
        {get("Connection: close\r\n"), "GET /a host=h close"},
        {get("Connection: keep-alive, TE\r\nTE: trailers\r\n"), "GET /a host=h consumed"},
        {get("Connection: x-private\r\nX-Private: 1\r\nX: 2\r\n"), "GET /a host=h [X=2]"},
        {get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"),
         "GET /a host=h consumed"},
        {get("Expect: 100-Continue\r\nContent-Length: 1\r\n"), "GET /a host=h length=1 expect"},
        {get("Expect: 100-continue\r\n"), "GET /a host=h consumed"},
        {get("Proxy-Authorization: x\r\nKeep-Alive: 5\r\nTrailer: x\r\nProxy-Connection: x\r\n"),
         "GET /a host=h consumed"},
        {"GET / HTTP/1.0\r\n\r\n", "GET / host= close"},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / host= consumed"},
        {"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", "TRACE / host=h"},
    });
}

TEST(RequestParser, RefusesWhatTwoParsersCouldReadInTwoWays) {
    const std::string bad = "request.malformed: ";
    check({
        {"GET / HTTP/1.1\nHost: h\n\n", bad},
        {"GET / HTTP/1.1\r\nHost: h\n\r\n", bad + "a line ends with a bare LF"},
        {"GET / HTTP/1.1\r\nHost: h\r\r\n", bad + "a field value holds a bare CR"},
        {"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", bad},
        {" GET / HTTP/1.1\r\nHost: h\r\n\r\n", bad + "the method is not a token"},
        {std::string("P\0ST / HTTP/1.1\r\nHost: h\r\n\r\n", 27), bad},
        {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", bad + "the request target is empty"},
        {"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", bad},
        {"GET /\r\n\r\n        ", bad},
        {"GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n", bad},
        {"GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", bad + "the request target holds a fragment"},
        {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", bad + "the request target does not begin with"},
        {"GET a/b HTTP/1.1\r\nHost: h\r\n\r\n", bad},
        {"GET ftp://h/a HTTP/1.1\r\nHost: h\r\n\r\n", bad},
        {"GET http://u@h/a HTTP/1.1\r\nHost: h\r\n\r\n", bad + "the authority"},
        {"GET http://[::1/a HTTP/1.1\r\nHost: h\r\n\r\n", bad + "the authority"},
        {"GET http://h:99999/a HTTP/1.1\r\nHost: h:99999\r\n\r\n", bad + "the authority"},
        {"GET http://b/a HTTP/1.1\r\nHost: h\r\n\r\n", bad + "the request target and the Host"},
        {"GET http://h?a HTTP/1.1\r\nHost: h\r\n\r\n", bad},
        {"GET / http/1.1\r\nHost: h\r\n\r\n", bad},
        {"GET / HTTP/1.1 x\r\nHost: h\r\n\r\n", bad + "the request line does not end with CR LF"},
        {"GET / HTTP/11\r\nHost: h\r\n\r\n", bad},
        {"GET / HTTP/1.1\r\n\r\n", bad + "the Host field is missing"},
        {get("Host: h\r\n"), bad + "Host was sent more than once"},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", bad + "the Host field is not valid"},
        {"GET / HTTP/1.1\r\nHost: h,i\r\n\r\n", bad + "the Host field is not valid"},
        {"GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", bad + "the Host field is not valid"},
        {"GET / HTTP/1.1\r\nHost: h:\r\n\r\n", bad + "the Host field is not valid"},
        {get("X : y\r\n"), bad + "white space stands before the colon"},
        {get(" X: y\r\n"), bad + "a field line is folded"},
        {get("X: y\r\n\tz\r\n"), bad + "a field line is folded"},
        {get(": y\r\n"), bad + "a field has no name"},
        {get("X\r\n"), bad + "a field has no colon"},
        {get("X\x80: y\r\n"), bad + "a field name holds a character"},
        {get("X(: y\r\n"), bad + "a field name holds a character"},
        {get("X: a\x01\r\n"), bad + "a field value holds a control character"},
        {get("X: a\x7f\r\n"), bad + "a field value holds a control character"},
        {get(std::string("X: a\0\r\n", 7)), bad + "a field value holds a control character"},
        {get("Content-Length: 1\r\nContent-Length: 1\r\n"), bad + "Content-Length"},
        {get("Content-Length: 1, 1\r\n"), bad + "Content-Length"},
        {get("Content-Length: +1\r\n"), bad + "Content-Length"},
        {get("Content-Length: -0\r\n"), bad + "Content-Length"},
        {get("Content-Length: 0x1\r\n"), bad + "Content-Length"},
        {get("Content-Length:\r\n"), bad + "Content-Length"},
        {get("Content-Length: 1234567890123456789\r\n"), bad + "Content-Length"},
        {get("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), bad + "both"},
        {get("Transfer-Encoding: gzip, chunked\r\n"), bad + "Transfer-Encoding"},
        {get("Transfer-Encoding: chunked, chunked\r\n"), bad + "Transfer-Encoding"},
        {get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
         bad + "Transfer-Encoding"},
        {get("Transfer-Encoding: \"chunked\"\r\n"), bad + "Transfer-Encoding"},
        {get("Transfer-Encoding:\r\n"), bad + "Transfer-Encoding"},
        {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", bad + "Transfer-Encoding is not"},
        {get("Connection: a b\r\n"), bad + "the Connection field"},
    });
}

TEST(RequestParser, NamesTheCodeOfEveryOtherRefusal) {
    const std::string forbidden = "request.header_forbidden: ";
    check({
        {"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", "route.method_not_allowed: "},
        {"CONNECT /a HTTP/1.1\r\nHost: h\r\n\r\n", "route.method_not_allowed: "},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "request.version: "},
        {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", "request.version: "},
        {"GET / HTTP/0.9\r\nHost: h\r\n\r\n", "request.version: "},
        {"GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n", "request.path_forbidden: "},
        {get("X_A: 1\r\n"), forbidden + "the field name 'X_A' holds '_'"},
        {get("Transfer_Encoding: chunked\r\n"), forbidden},
        {get("Connection: Host\r\n"), forbidden + "Connection may not name 'Host'"},
        {get("Connection: close, content-length\r\n"), forbidden},
        {get("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n"), forbidden},
        {get("Connection: Authorization\r\n"), forbidden},
        {get("Connection: X-Forwarded-For\r\n"), forbidden},
        {get("Connection: X-Request-Id\r\n"), forbidden},
        {get("Content-Type: a/b\r\nContent-Type: a/b\r\n"), forbidden},
        {get("Expect: x\r\n"), "request.expectation_failed: "},
        {get("Expect: 100-continue\r\nExpect: 100-continue\r\n"), "request.expectation_failed: "},
    });
}

TEST(RequestParser, BoundsTargetLineFieldsAndHead) {
    const std::string a(9000, 'a');
    EXPECT_TRUE(parse_whole("GET /" + a.substr(0, 8191) + " HTTP/1.1\r\nHost: h\r\n\r\n")
                    .starts_with("GET /aaa"));
    EXPECT_TRUE(parse_whole("GET /" + a).starts_with("request.uri_too_long: "));
    EXPECT_TRUE(
        parse_whole(get("X: " + a + a + "\r\n")).starts_with("request.head_too_large: a field"));
    std::string fields;
    for (int i = 0; i < 99; ++i) {
        fields += "X: y\r\n";
    }
    EXPECT_TRUE(parse_whole(get(fields)).starts_with("GET /a"));
    EXPECT_EQ(parse_whole(get(fields + "X: y\r\n")),
              "request.head_too_large: there are more than 100 header fields");
    std::string bulk;
    for (int i = 0; i < 9; ++i) {
        bulk += "X: " + a.substr(0, 8000) + "\r\n";
    }
    EXPECT_TRUE(parse_whole(get(bulk)).starts_with("request.head_too_large: the head"));
    EXPECT_TRUE(parse_whole(std::string(40, 'A')).starts_with("request.malformed: the method"));
}

TEST(RequestParser, ServesPipelinedHeadsOneAfterTheOther) {
    const std::string bytes =
        "GET /1 HTTP/1.1\r\nHost: h\r\nX: 1\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
    RequestParser parser({});
    RequestHead head;
    ASSERT_EQ(parser.parse(bytes, head), Progress::Done);
    EXPECT_EQ(head.target, "/1");
    const std::size_t first = parser.consumed();
    parser.reset();
    ASSERT_EQ(parser.parse(std::string_view(bytes).substr(first), head), Progress::Done);
    EXPECT_EQ(head.target, "/2");
    EXPECT_EQ(head.fields.size(), 1U);
    EXPECT_EQ(first + parser.consumed(), bytes.size());
}

TEST(RequestParser, MayBeToldToTakeUnderscores) {
    EXPECT_TRUE(parse_whole(get("X_A: 1\r\n"), {.allow_underscores = true})
                    .starts_with("GET /a host=h [X_A=1]"));
}

}  // namespace
}  // namespace lintel::http::http1
