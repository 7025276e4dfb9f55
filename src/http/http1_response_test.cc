#include "http/http1.h"

#include <gtest/gtest.h>

#include <string>

namespace lintel::http::http1 {
namespace {

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

}  // namespace
}  // namespace lintel::http::http1
