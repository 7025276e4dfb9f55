// What the HTTP/1.1 codec costs: a head as browsers send it in and out again, an answer's head, a
// chunked body, and what a flood is counted with.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <array>
#include <string>

#include "http/http1.h"
#include "http/http2_flood_guard.h"

namespace lintel::http::http1 {
namespace {

constexpr std::string_view kRequest =
    "GET /release/pets/pets/7?limit=10 HTTP/1.1\r\n"
    "Host: api.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: application/json, text/plain, */*\r\n"
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"
    "Referer: https://shop.example.org/catalogue/pets?kind=cat\r\n"
    "Cookie: session=5f1d7a2c9b8e4f60a1c3; theme=dark\r\n"
    "X-Correlation-Id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\n"
    "X-Tenant: north-harbour\r\n"
    "Cache-Control: no-cache\r\n\r\n";
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 1024\r\n"
    "Date: Fri, 20 Nov 2026 08:30:00 GMT\r\n"
    "ETag: \"5f1d7a2c\"\r\n\r\n";
constexpr std::size_t kBodyBytes = 64U << 10;

void parse_request(benchmark::State& state, std::string_view bytes, Progress expected) {
    RequestParser parser{HeadLimits{}};
    RequestHead head;
    for (auto _ : state) {
        parser.reset();
        head = {};
        if (parser.parse(bytes, head) != expected) {
            state.SkipWithError("not the expected outcome");
        }
        benchmark::DoNotOptimize(head);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
void request_head(benchmark::State& state) {
    parse_request(state, kRequest, Progress::Done);
}
void smuggling_head(benchmark::State& state) {
    parse_request(state,
                  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n",
                  Progress::Refused);
}

/// The head comes byte by byte: what was read once is not read again.
void trickling_head(benchmark::State& state) {
    RequestParser parser{HeadLimits{}};
    RequestHead head;
    for (auto _ : state) {
        parser.reset();
        head = {};
        for (std::size_t size = 1; size < kRequest.size(); ++size) {
            benchmark::DoNotOptimize(parser.parse(kRequest.substr(0, size), head));
        }
        if (parser.parse(kRequest, head) != Progress::Done) { state.SkipWithError("refused"); }
    }
}

void answer_head(benchmark::State& state) {
    ResponseParser parser{HeadLimits{}};
    ResponseHead head;
    for (auto _ : state) {
        parser.reset();
        head = {};
        if (parser.parse(kAnswer, false, head) != Progress::Done) {
            state.SkipWithError("refused");
        }
        benchmark::DoNotOptimize(head);
    }
}

void pass_request_head_on(benchmark::State& state) {
    RequestParser parser{HeadLimits{}};
    RequestHead head;
    if (parser.parse(kRequest, head) != Progress::Done) { state.SkipWithError("refused"); }
    std::array<char, 4096> buffer;
    for (auto _ : state) {
        HeadWriter writer(buffer);
        writer.request_line(head.method, "/pets/7", "limit=10");
        for (const Field& field : head.fields) {
            writer.field(field);
        }
        writer.field("X-Forwarded-For", "203.0.113.7");
        writer.field("X-Request-Id", "req_01m86yy5v4evtag64yb9dsfhhd");
        if (!writer.finish()) { state.SkipWithError("not canonical"); }
        benchmark::DoNotOptimize(buffer);
    }
}

void chunked_body(benchmark::State& state) {
    const auto chunk = static_cast<std::size_t>(state.range(0));
    std::string body;
    for (std::size_t made = 0; made < kBodyBytes; made += chunk) {
        body += fmt::format("{:x}\r\n{}\r\n", chunk, std::string(chunk, 'x'));
    }
    body += "0\r\n\r\n";
    for (auto _ : state) {
        ChunkDecoder decoder;
        std::string_view rest = body;
        ChunkDecoder::Step step{.status = ChunkDecoder::Status::More};
        while (step.status != ChunkDecoder::Status::End) {
            step = decoder.decode(rest);
            if (step.status == ChunkDecoder::Status::Bad) {
                state.SkipWithError("refused");
                return;
            }
            rest.remove_prefix(step.consumed);
            benchmark::DoNotOptimize(step);
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBodyBytes));
}

void flood_count(benchmark::State& state) {
    Http2FloodGuard guard;
    std::uint64_t now_ms = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(guard.count(Http2FloodGuard::Kind::Useful, ++now_ms));
    }
}

BENCHMARK(request_head);
BENCHMARK(smuggling_head);
BENCHMARK(trickling_head);
BENCHMARK(answer_head);
BENCHMARK(pass_request_head_on);
BENCHMARK(chunked_body)->Arg(16)->Arg(1024)->Arg(16 << 10);
BENCHMARK(flood_count);

}  // namespace
}  // namespace lintel::http::http1
