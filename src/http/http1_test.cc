#include "http/http1.h"

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

// ---- responses ----------------------------------------------------------------------------------

std::string parse_response(const std::string& bytes, bool to_head = false) {
    ResponseParser parser({});
    ResponseHead head;
    Progress progress = parser.parse(bytes, to_head, head);
    // The same bytes in two halves must give the same.
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        ResponseParser other({});
        ResponseHead other_head;
        Progress halves = other.parse(std::string_view(bytes).substr(0, cut), to_head, other_head);
        if (halves == Progress::More) { halves = other.parse(bytes, to_head, other_head); }
        EXPECT_EQ(halves, progress) << bytes << " cut at " << cut;
    }
    if (progress == Progress::More) { return "more"; }
    if (progress == Progress::Refused) {
        return std::string(info(parser.refusal().code).name) + ": " + parser.refusal().message;
    }
    std::string text = std::to_string(head.status);
    switch (head.framing.kind) {
        case Framing::Kind::None: break;
        case Framing::Kind::Length: text += " length=" + std::to_string(head.framing.length); break;
        case Framing::Kind::Chunked: text += " chunked"; break;
        case Framing::Kind::UntilClose: text += " until-close"; break;
    }
    if (head.keep_alive) { text += " keep"; }
    return text;
}

TEST(ResponseParser, DecidesTheFraming) {
    EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"), "200 length=3 keep");
    EXPECT_EQ(parse_response("HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n"), "200 length=3 keep");
    EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
              "200 chunked keep");
    EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\n\r\n"), "200 until-close");
    EXPECT_EQ(parse_response("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n"), "200 length=3");
    EXPECT_EQ(parse_response("HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n"), "204 keep");
    EXPECT_EQ(parse_response("HTTP/1.1 304 Not Modified\r\n\r\n"), "304 keep");
    EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true),
              "200 length=3 keep");
    EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\n\r\n", true), "200 keep");
    EXPECT_EQ(parse_response("HTTP/1.1 100 Continue\r\n\r\n"), "100 keep");
    EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
              "200 length=0");
    EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\nX_Y: 1\r\nContent-Length: 0\r\n\r\n"),
              "200 length=0 keep");
}

TEST(ResponseParser, RefusesBadAnswers) {
    const std::vector<std::string> bad = {
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20x OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n",
        "HTTP/1.1 200 O\x01K\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(17000, 'a') + "\r\n\r\n",
    };
    for (const std::string& bytes : bad) {
        EXPECT_TRUE(parse_response(bytes).starts_with("backend.bad_answer: ")) << bytes;
    }
}

// ---- chunks -------------------------------------------------------------------------------------

struct Decoded {
    std::string data;
    std::string end;  ///< "end", "more" or the broken rule
    std::size_t consumed = 0;
    bool operator==(const Decoded&) const = default;
};
Decoded decode(std::string_view bytes, std::size_t step) {
    ChunkDecoder decoder;
    Decoded decoded;
    std::size_t have = std::min(step, bytes.size());
    while (true) {
        const auto one = decoder.decode(bytes.substr(decoded.consumed, have - decoded.consumed));
        decoded.consumed += one.consumed;
        decoded.data += one.data;
        if (one.status == ChunkDecoder::Status::End) {
            decoded.end = "end";
            return decoded;
        }
        if (one.status == ChunkDecoder::Status::Bad) {
            decoded.end = decoder.fault();
            decoded.consumed = 0;
            return decoded;
        }
        if (one.status == ChunkDecoder::Status::More && decoded.consumed == have) {
            if (have == bytes.size()) {
                decoded.end = "more";
                return decoded;
            }
            have = std::min(have + step, bytes.size());
        }
    }
}

TEST(ChunkDecoder, TakesTheCodingOffInPiecesOfAnySize) {
    const std::string bytes =
        "3\r\nabc\r\n00A;name=\"v\"\r\n0123456789\r\n0;x\r\nTrailer: dropped\r\n\r\nGET";
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
        EXPECT_EQ(decode(bytes, step), (Decoded{"abc0123456789", "end", bytes.size() - 3})) << step;
    }
}

TEST(ChunkDecoder, RefusesWhatIsNotExactlyChunked) {
    const std::vector<std::string> bad = {
        "\r\nabc\r\n0\r\n\r\n",
        "x\r\n",
        "0x3\r\n",
        "-3\r\n",
        "+3\r\n",
        " 3\r\n",
        "3 \r\n",
        "3\nabc\r\n",
        "3\r\nabc0\r\n\r\n",
        "3\r\nabcd\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3;a\nb\r\n",
        "3;\x01\r\nabc\r\n",
        "1234567890abcdef\r\n",
        "3;" + std::string(300, 'a'),
        "0\r\n X: y\r\n\r\n",
        "0\r\nX y\r\n\r\n",
        "0\r\nX: \x01\r\n\r\n",
        "0\r\n\n",
        "0\r\n\rx",
        "0\r\nX: y\n\r\n",
        "0\r\nX: " + std::string(9000, 'a'),
        "3\r\rabc\r\n",
    };
    for (const std::string& bytes : bad) {
        const Decoded whole = decode(bytes, bytes.size());
        EXPECT_TRUE(whole.end != "end" && whole.end != "more") << bytes << " -> " << whole.end;
        EXPECT_EQ(decode(bytes, 1), whole) << bytes;
    }
}

TEST(ChunkDecoder, TakesTheLargestSizeThatIsAllowed) {
    EXPECT_EQ(decode("fffffffffffffff\r\nab", 1), (Decoded{"ab", "more", 19}));
}

// ---- writing ------------------------------------------------------------------------------------

std::string written(const std::function<void(HeadWriter&)>& write, std::size_t room = 4096) {
    std::vector<char> into(room);
    HeadWriter writer(into);
    write(writer);
    return writer.finish() ? std::string(into.data(), writer.size()) : "refused";
}

TEST(HeadWriter, WritesWhatTheStrictParserAccepts) {
    const std::string head = written([](HeadWriter& writer) {
        writer.request_line("POST", "/a/b%2F", "c=d");
        writer.field("Host", "backend:81");
        writer.framing(Framing::of_length(7));
        writer.field("X", "a\tb \xc3\xa9");
    });
    EXPECT_EQ(head,
              "POST /a/b%2F?c=d HTTP/1.1\r\nHost: backend:81\r\nContent-Length: 7\r\n"
              "X: a\tb \xc3\xa9\r\n\r\n");
    EXPECT_TRUE(parse_whole(head).starts_with("POST /a/b%2F?c=d host=backend:81 length=7"));
    EXPECT_EQ(written([](HeadWriter& writer) {
                  writer.status_line(404);
                  writer.framing(Framing::chunked());
              }),
              "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(HeadWriter, CannotWriteABrokenLine) {
    for (int c = 0; c < 256; ++c) {
        const std::string bad(1, static_cast<char>(c));
        const std::string value = written([&](HeadWriter& w) { w.field("X", "a" + bad + "b"); });
        const bool control = (c < 0x20 && c != '\t') || c == 0x7F;
        EXPECT_EQ(value == "refused", control) << c;
        const std::string name = written([&](HeadWriter& w) { w.field("a" + bad, "b"); });
        EXPECT_EQ(name == "refused", !is_token("a" + bad)) << c;
        const std::string target =
            written([&](HeadWriter& w) { w.request_line("GET", "/" + bad, ""); });
        EXPECT_EQ(target == "refused", c <= 0x20 || c >= 0x7F || c == '#') << c;
    }
    EXPECT_EQ(written([](HeadWriter& w) { w.field("", "b"); }), "refused");
    EXPECT_EQ(written([](HeadWriter& w) { w.request_line("GET", "a", ""); }), "refused");
    EXPECT_EQ(written([](HeadWriter& w) { w.request_line("G T", "/", ""); }), "refused");
    EXPECT_EQ(written([](HeadWriter& w) { w.request_line("GET", "/", "a b"); }), "refused");
    EXPECT_EQ(written([](HeadWriter& w) { w.status_line(99); }), "refused");
}

TEST(HeadWriter, SaysWhenTheBufferIsTooSmall) {
    std::vector<char> into(20);
    HeadWriter writer(into);
    writer.field("X", "a long value that does not fit");
    EXPECT_FALSE(writer.finish());
    EXPECT_FALSE(writer.fits());
}

TEST(HeadWriter, WritesChunkSizesInHexadecimal) {
    std::array<char, 18> into{};
    for (const std::uint64_t size : {0ULL, 1ULL, 15ULL, 16ULL, 4095ULL, 0xFFFFFFFFFFFFFFFFULL}) {
        const std::size_t used = write_chunk_size(into, size);
        EXPECT_EQ(std::string(into.data(), used), fmt::format("{:x}\r\n", size));
    }
}

// ---- names --------------------------------------------------------------------------------------

TEST(HeaderId, RecognisesNamesInAnyCase) {
    EXPECT_EQ(header_id("host"), HeaderId::Host);
    EXPECT_EQ(header_id("HOST"), HeaderId::Host);
    EXPECT_EQ(header_id("Transfer-Encoding"), HeaderId::TransferEncoding);
    EXPECT_EQ(header_id("X-HMAC-Signed-Headers"), HeaderId::XHmacSignedHeaders);
    EXPECT_EQ(header_id("te"), HeaderId::Te);
    EXPECT_EQ(header_id("hosT "), HeaderId::Other);
    EXPECT_EQ(header_id("transfer_encoding"), HeaderId::Other);
    EXPECT_EQ(header_id(""), HeaderId::Other);
}

}  // namespace
}  // namespace lintel::http::http1
