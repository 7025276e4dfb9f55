// Load that costs little itself, so that the proxy is never the one that waits: each connection has
// one message under way, and as soon as the answer is complete the next is sent.
//
// bench_load http PORT CONNECTIONS MILLISECONDS REQUESTS EXPECTED [tls]
//   REQUESTS is a file of whole requests with a NUL between them; they take turns.
//   EXPECTED is the size of every answer's body, or the name of a field whose value must be the
//   body.
// bench_load websocket PORT CONNECTIONS MILLISECONDS PATH
//   Messages of 100 bytes, each of which must come back.
//
// Sends no more after its time or at SIGINT, waits for the answers that are due, and prints
// "answers N refused N mixed N lost N": refused are those with another status or size than
// expected, mixed those whose body is not the value of the field, lost those that broke off or
// never came.
#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "head.h"
#include "loopback.h"
#include "websocket.h"

namespace {

using namespace lintel::bench;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMessageBytes = 100;
constexpr int kPatienceMs = 5'000;

volatile std::sig_atomic_t interrupted = 0;

/// What came of an answer.
enum class Verdict : unsigned char { Right, Refused, Mixed, Broken };

struct Count {
    std::size_t answers = 0;
    std::size_t refused = 0;
    std::size_t mixed = 0;
    std::size_t lost = 0;
};

/// What is said on each connection, and what must be the answer.
struct Talk {
    std::string handshake;  // once, before all others; its answer is kWebSocketSwitch
    std::vector<std::string> messages;
    std::string echo;            // the answer to each, if it is not HTTP
    std::string body_is;         // the field whose value the body must be, with its colon; or ...
    std::size_t body_bytes = 0;  // ... its size
    std::size_t next = 0;

    const std::string& next_message() {
        next = next + 1 < messages.size() ? next + 1 : 0;
        return messages[next];
    }
};

/// A connection to the proxy, in clear or by TLS. It waits while it opens, and never after.
class Channel {
public:
    static std::optional<Channel> open(std::uint16_t port, SSL_CTX* tls) {
        Channel channel(connect_to(port));
        if (channel.socket_ < 0) { return std::nullopt; }
        if (tls != nullptr) {
            channel.wait_patiently();
            channel.tls_.reset(SSL_new(tls));
            SSL_set_fd(channel.tls_.get(), channel.socket_);
            if (SSL_connect(channel.tls_.get()) != 1) { return std::nullopt; }
        }
        return channel;
    }
    Channel(Channel&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)),
          flags_(other.flags_),
          tls_(std::move(other.tls_)) {}
    Channel& operator=(Channel&& other) noexcept {
        std::swap(socket_, other.socket_);
        std::swap(flags_, other.flags_);
        std::swap(tls_, other.tls_);
        return *this;
    }
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    ~Channel() {
        if (socket_ >= 0) { close(socket_); }
    }

    int socket() const { return socket_; }
    void wait_patiently() const {
        const timeval patience{.tv_sec = kPatienceMs / 1000, .tv_usec = 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    void wait_no_more() {
        flags_ = MSG_DONTWAIT;
        if (tls_) { fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK); }
    }

    /// The bytes that came; 0 = none yet, -1 = none will come.
    ssize_t receive(std::span<char> into) {
        if (!tls_) {
            const ssize_t got = recv(socket_, into.data(), into.size(), flags_);
            if (got == 0) { return -1; }
            return got < 0 && errno == EAGAIN ? 0 : got;
        }
        const int got = SSL_read(tls_.get(), into.data(), static_cast<int>(into.size()));
        if (got > 0) { return got; }
        return SSL_get_error(tls_.get(), got) == SSL_ERROR_WANT_READ ? 0 : -1;
    }

    /// A message is far smaller than a socket's buffer, and only one is under way.
    bool send(std::string_view bytes) {
        const auto size = static_cast<ssize_t>(bytes.size());
        if (!tls_) {
            return ::send(socket_, bytes.data(), bytes.size(), flags_ | MSG_NOSIGNAL) == size;
        }
        return SSL_write(tls_.get(), bytes.data(), static_cast<int>(size)) == size;
    }

private:
    struct Free {
        void operator()(SSL* tls) const { SSL_free(tls); }
    };
    explicit Channel(int socket) : socket_(socket) {}

    int socket_;
    int flags_ = 0;
    std::unique_ptr<SSL, Free> tls_;
};

/// The answer that is under way.
class Answer {
public:
    /// Nothing as long as it is not complete.
    std::optional<Verdict> take(std::string_view bytes, const Talk& talk) {
        if (!talk.echo.empty()) {
            body_ += bytes;
            if (body_.size() < talk.echo.size()) { return std::nullopt; }
            return body_ == talk.echo ? Verdict::Right : Verdict::Broken;
        }
        if (in_body_) { return take_body(bytes, talk); }
        if (!head_.empty()) { bytes = head_ += bytes; }
        const std::size_t end = bytes.find(kHeadEnd);
        if (end == std::string_view::npos) {
            head_ = bytes;
            return std::nullopt;
        }
        if (!begin(bytes.substr(0, end + kLineEnd.size()), talk)) { return Verdict::Broken; }
        return take_body(bytes.substr(end + kHeadEnd.size()), talk);
    }

    bool ends_connection() const { return last_; }

private:
    bool begin(std::string_view head, const Talk& talk) {
        const std::string_view length = field(head, "content-length:");
        const char* const end = length.data() + length.size();
        const auto [stop, error] = std::from_chars(length.data(), end, left_);
        in_body_ = true;
        right_ = head.starts_with("HTTP/1.1 200 ");
        last_ = field(head, "connection:") == "close";
        if (talk.body_is.empty()) {
            right_ = right_ && left_ == talk.body_bytes;
        } else {
            wanted_ = field(head, talk.body_is);
        }
        return error == std::errc() && stop == end;
    }

    std::optional<Verdict> take_body(std::string_view bytes, const Talk& talk) {
        if (bytes.size() > left_) { return Verdict::Broken; }
        left_ -= bytes.size();
        if (!talk.body_is.empty()) { body_ += bytes; }
        if (left_ > 0) { return std::nullopt; }
        if (!right_) { return Verdict::Refused; }
        return talk.body_is.empty() || body_ == wanted_ ? Verdict::Right : Verdict::Mixed;
    }

    std::string head_;  // what came of one that is not complete
    std::string body_;  // where it is looked at
    std::string wanted_;
    std::size_t left_ = 0;  // of the body
    bool in_body_ = false;
    bool right_ = false;
    bool last_ = false;
};

class Load {
public:
    Load(Talk talk, std::uint16_t port, SSL_CTX* tls)
        : talk_(std::move(talk)), port_(port), tls_(tls), poll_(epoll_create1(EPOLL_CLOEXEC)) {}

    Count run(std::size_t connections, Clock::time_point until) {
        while (connections_.size() < connections) {
            connections_.emplace_back();
            open(connections_.size() - 1);
        }
        for (Connection& connection : connections_) {
            send_next(connection);
        }
        std::array<epoll_event, 256> events;
        under_way_ = connections;
        while (under_way_ > 0) {
            const Clock::time_point now = Clock::now();
            if (interrupted != 0) { until = std::min(until, now); }
            over_ = now >= until;
            if (now >= until + std::chrono::milliseconds(kPatienceMs)) { break; }
            const int ready =
                epoll_wait(poll_, events.data(), static_cast<int>(events.size()), kPatienceMs);
            if (ready == 0) { break; }
            for (int i = 0; i < ready; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                if ((event.events & ~EPOLLOUT) != 0) { on_event(event.data.u64); }
            }
        }
        count_.lost += under_way_;
        return count_;
    }

private:
    struct Connection {
        std::optional<Channel> channel;
        Answer answer;
    };

    /// Ends the program when it cannot be opened.
    void open(std::size_t at) {
        Connection& connection = connections_[at];
        connection = {Channel::open(port_, tls_), Answer()};
        if (!connection.channel || !shake_hands(*connection.channel)) {
            std::fputs("no connection, or no handshake on it\n", stderr);
            std::exit(1);
        }
        connection.channel->wait_no_more();
        // With room to write from the start, its edge costs nothing later.
        epoll_event interest{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                             .data = {.u64 = at}};
        epoll_ctl(poll_, EPOLL_CTL_ADD, connection.channel->socket(), &interest);
    }

    bool shake_hands(Channel& channel) const {
        if (talk_.handshake.empty()) { return true; }
        channel.wait_patiently();
        std::string answer;
        if (!channel.send(talk_.handshake)) { return false; }
        while (!answer.ends_with(kHeadEnd)) {
            const ssize_t got = channel.receive(buffer_);
            if (got <= 0) { break; }
            answer.append(buffer_.data(), static_cast<std::size_t>(got));
        }
        return answer.starts_with("HTTP/1.1 101 ") && answer.ends_with(kHeadEnd);
    }

    void send_next(Connection& connection) {
        connection.answer = Answer();
        // One that has ended meanwhile shows it by an event.
        connection.channel->send(talk_.next_message());
    }

    /// Edge-triggered: reads until the answer is complete or nothing is left.
    void on_event(std::size_t at) {
        Connection& connection = connections_[at];
        for (;;) {
            const ssize_t got = connection.channel->receive(buffer_);
            if (got == 0) { return; }
            const std::optional<Verdict> verdict =
                got < 0 ? Verdict::Broken
                        : connection.answer.take({buffer_.data(), static_cast<std::size_t>(got)},
                                                 talk_);
            if (!verdict) { continue; }
            count(*verdict);
            if (over_) {
                --under_way_;
                connection.channel.reset();
                return;
            }
            if (*verdict == Verdict::Broken || connection.answer.ends_connection()) { open(at); }
            send_next(connection);
            return;
        }
    }

    void count(Verdict verdict) {
        switch (verdict) {
            case Verdict::Right: break;
            case Verdict::Refused: ++count_.refused; break;
            case Verdict::Mixed: ++count_.mixed; break;
            case Verdict::Broken: ++count_.lost; return;
        }
        ++count_.answers;
    }

    Talk talk_;
    const std::uint16_t port_;
    SSL_CTX* const tls_;
    const int poll_;
    std::vector<Connection> connections_;
    Count count_;
    std::size_t under_way_ = 0;  // messages without an answer
    bool over_ = false;          // no more are sent
    mutable std::array<char, 131'072> buffer_;
};

std::vector<std::string> read_requests(const char* path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::string> requests;
    for (std::string request; std::getline(file, request, '\0');) {
        requests.push_back(request);
    }
    if (requests.empty()) {
        std::fprintf(stderr, "%s has no request\n", path);
        std::exit(1);
    }
    return requests;
}

Talk http(const char* requests, std::string_view expected) {
    Talk talk;
    talk.messages = read_requests(requests);
    const char* const end = expected.data() + expected.size();
    if (std::from_chars(expected.data(), end, talk.body_bytes).ptr != end) {
        talk.body_is = std::string(expected) + ":";
    }
    return talk;
}

Talk websocket(std::string_view path) {
    const std::string payload(kMessageBytes, 'm');
    Talk talk;
    talk.handshake = "GET ";
    talk.handshake.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n");
    talk.handshake.append(
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
    talk.handshake.append(kWebSocketKey).append(kHeadEnd);
    talk.messages = {client_frame(payload)};
    talk.echo = server_frame(payload);
    return talk;
}

SSL_CTX* make_tls() {
    SSL_CTX* const tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_read_ahead(tls, 1);  // one receive for a record, not one for its head and one more
    SSL_CTX_set_default_read_buffer_len(tls, 65'536);
    return tls;
}

int usage() {
    std::fputs(
        "usage: bench_load http PORT CONNECTIONS MILLISECONDS REQUESTS EXPECTED [tls]\n"
        "       bench_load websocket PORT CONNECTIONS MILLISECONDS PATH\n",
        stderr);
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view kind = argc > 1 ? argv[1] : "";
    if (!(kind == "http" && (argc == 7 || argc == 8)) && !(kind == "websocket" && argc == 6)) {
        return usage();
    }
    const auto number = [&](int at) { return std::strtoul(argv[at], nullptr, 10); };
    std::signal(SIGINT, [](int) { interrupted = 1; });
    Load load(kind == "http" ? http(argv[5], argv[6]) : websocket(argv[5]),
              static_cast<std::uint16_t>(number(2)), argc == 8 ? make_tls() : nullptr);
    const Count count = load.run(number(3), Clock::now() + std::chrono::milliseconds(number(4)));
    std::printf("answers %zu refused %zu mixed %zu lost %zu\n", count.answers, count.refused,
                count.mixed, count.lost);
    return 0;
}
