#include "http/http1.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace lintel::http::http1 {
namespace {

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
    RequestParser parser({});
    RequestHead parsed;
    ASSERT_EQ(parser.parse(head, parsed), Progress::Done);
    EXPECT_EQ(parsed.target, "/a/b%2F?c=d");
    EXPECT_EQ(parsed.host, "backend:81");
    EXPECT_EQ(parsed.framing.length, 7U);
    EXPECT_EQ(written([](HeadWriter& writer) {
                  writer.status_line(404);
                  writer.framing(Framing::chunked());
              }),
              "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n");
}

/// A head as it came in, its fields passed on after `change` was done to them.
std::string passed_on(const std::string& lines, const std::function<void(Fields&)>& change) {
    const std::string received = "GET / HTTP/1.1\r\n" + lines + "\r\n";
    RequestParser parser({});
    RequestHead head;
    EXPECT_EQ(parser.parse(received, head), Progress::Done) << parser.refusal().message;
    change(head.fields);
    const std::string sent = written([&](HeadWriter& writer) {
        writer.status_line(200);
        for (const Field& field : head.fields) {
            writer.field(field);
        }
    });
    return sent.substr(std::min(sent.size(), std::string_view("HTTP/1.1 200 OK\r\n").size()));
}

TEST(HeadWriter, PassesReceivedLinesOnInCanonicalForm) {
    const auto as_they_are = [](Fields&) {};
    EXPECT_EQ(passed_on("Host: h\r\nA: 1\r\nB: 2\r\n", as_they_are),
              "Host: h\r\nA: 1\r\nB: 2\r\n\r\n");
    EXPECT_EQ(
        passed_on("Host:h\r\nA:  1\r\nB: 2 \t\r\nC:\r\nD: \r\nE:\t3\r\nF: 4\r\n", as_they_are),
        "Host: h\r\nA: 1\r\nB: 2\r\nC: \r\nD: \r\nE: 3\r\nF: 4\r\n\r\n");
}

TEST(HeadWriter, PassesOnWhatIsLeftOfAReceivedHead) {
    EXPECT_EQ(passed_on("Host: h\r\nA: 1\r\nB: 2\r\nC: 3\r\n",
                        [](Fields& fields) {
                            fields.remove_if([](const Field& field) { return field.name == "A"; });
                            fields.add("D", "4");
                        }),
              "Host: h\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n");
    EXPECT_EQ(passed_on("Host: h\r\nA: 1\r\nB: 2\r\n",
                        [](Fields& fields) { std::swap(*fields.begin(), *(fields.end() - 1)); }),
              "B: 2\r\nA: 1\r\nHost: h\r\n\r\n");
}

TEST(HeadWriter, NoticesViewsThatWerePutInPlaceOfReceivedOnes) {
    const auto change = [](std::string_view name, std::string_view value) {
        return passed_on("Host: h\r\nA: 123\r\nB: 2\r\n", [=](Fields& fields) {
            Field& field = *(fields.begin() + 1);
            if (!name.empty()) { field.name = name; }
            field.value = value.empty() ? field.value.substr(0, 2) : value;
        });
    };
    EXPECT_EQ(change("", "other"), "Host: h\r\nA: other\r\nB: 2\r\n\r\n");
    EXPECT_EQ(change("", ""), "Host: h\r\nA: 12\r\nB: 2\r\n\r\n");
    EXPECT_EQ(change("Z", "other"), "Host: h\r\nZ: other\r\nB: 2\r\n\r\n");
    EXPECT_EQ(change("", "a\r\nb"), "");
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

}  // namespace
}  // namespace lintel::http::http1
