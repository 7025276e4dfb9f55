// Frames of HTTP/2 as a client might send them, through a real connection: whatever comes, the
// handler sees canonical heads only, and the connection comes to its end.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "async/loop.h"
#include "base/ascii.h"
#include "base/byte_set.h"
#include "base/clock.h"
#include "http/server.h"
#include "require.h"

namespace lintel::fuzz {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr int kTurns = 10'000;  ///< more than any input of libFuzzer's size can need

constexpr ByteSet kValue = ByteSet::of([](char c) { return (c >= ' ' && c != 0x7F) || c == '\t'; },
                                       ByteSet::BeyondAscii::Inside);

/// Looks at what it is given, reads all of it, and sends it back.
class Looking final : public http::Handler {
public:
    Task<void> handle(http::ServerExchange& exchange) override {
        if (exchange.refused == nullptr) { look_at(exchange.head); }
        std::string body;
        while (exchange.body != nullptr) {
            const auto piece = co_await exchange.body->read();
            if (!piece || piece->empty()) { break; }
            body.append(piece->data(), piece->size());
        }
        http::WholeBody whole(body);
        http::OutgoingResponse response;
        response.stream = &whole;
        response.framing = http::Framing::of_length(body.size());
        co_await exchange.send(response);
    }

private:
    static void look_at(const http::RequestHead& head) {
        require(is_token(head.method), "the method is a token");
        require(head.target.starts_with('/'), "the target is a path");
        require(head.target.find_first_of(" \r\n#") == std::string_view::npos,
                "the target cannot break its line");
        for (const http::Field& field : head.fields) {
            require(is_token(field.name), "names are tokens");
            require(kValue.contains_all(field.value), "values hold no controls");
            require(!http::kHopByHop.contains(field.id), "hop-by-hop fields are gone");
        }
    }
};

}  // namespace
}  // namespace lintel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel;
    using fuzz::require;
    static const SystemClock clock;
    static const std::unique_ptr<async::Loop> loop = *async::Loop::open();
    static fuzz::Looking handler;
    http::ConnectionLimits limits(1);
    http::Server server(*loop, handler, clock, limits, {});
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0,
            "there are sockets");
    auto socket = async::Socket::adopt(*loop, ends[0]);
    require(socket.has_value(), "the loop takes a socket");
    server.serve({.socket = *std::move(socket), .peer = {}, .local = {}});

    std::string input(fuzz::kPreface);
    input.append(reinterpret_cast<const char*>(data), size);
    std::size_t sent = 0;
    std::array<char, 16'384> output;
    bool told_end = false;
    for (int turns = 0; limits.counts().open > 0; ++turns) {
        require(turns < fuzz::kTurns, "the connection comes to its end");
        while (sent < input.size()) {
            const ssize_t put =
                ::send(ends[1], input.data() + sent, input.size() - sent, MSG_NOSIGNAL);
            if (put <= 0) { break; }
            sent += static_cast<std::size_t>(put);
        }
        const ssize_t got = ::recv(ends[1], output.data(), output.size(), 0);
        const bool over = got == 0 || sent == input.size();
        if (over && !told_end) {
            ::shutdown(ends[1], SHUT_WR);
            told_end = true;
        }
        loop->turn();
    }
    ::close(ends[1]);
    return 0;
}
