#include "app/http_call.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "base/text.h"
#include "http/http1.h"

namespace lintel::app {

namespace {

constexpr std::size_t kMaxAnswerBytes = 256U << 20;
/// Longer than any command takes: publishing waits until every worker serves.
constexpr timeval kTimeout{.tv_sec = 120, .tv_usec = 0};

std::unexpected<Failure> unreachable(const ServerAddress& server, std::string_view why) {
    return give_up(ExitCode::Unreachable,
                   fmt::format("No answer from {}: {}\n  Is 'lintel serve' running there? Give "
                               "another address with --server or LINTEL_SERVER.",
                               server.authority, why));
}

class Connection {
public:
    explicit Connection(int descriptor) : descriptor_(descriptor) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { ::close(descriptor_); }

    bool send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                if (sent < 0 && errno == EINTR) { continue; }
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// Appends what comes; 0 at the end, negative when it broke.
    ssize_t receive(std::string& into) const {
        char piece[16'384];
        ssize_t got = 0;
        do {
            got = ::recv(descriptor_, piece, sizeof piece, 0);
        } while (got < 0 && errno == EINTR);
        if (got > 0) { into.append(piece, static_cast<std::size_t>(got)); }
        return got;
    }

private:
    int descriptor_;
};

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Outcome<std::unique_ptr<Connection>> open_connection(const ServerAddress& server) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(server.host.c_str(), server.port.c_str(), &hints, &found);
    if (failed != 0) { return unreachable(server, ::gai_strerror(failed)); }
    const AddressList addresses(found, &::freeaddrinfo);
    int reason = 0;
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        const int descriptor = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0) {
            reason = errno;
            continue;
        }
        auto connection = std::make_unique<Connection>(descriptor);
        ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
        if (::connect(descriptor, address->ai_addr, address->ai_addrlen) == 0) {
            return connection;
        }
        reason = errno;
    }
    return unreachable(server, std::strerror(reason));
}

std::optional<std::string> request_head(const ServerAddress& server, const HttpRequest& request) {
    std::string head(request.target.size() + (16U << 10), '\0');
    http::http1::HeadWriter writer(head);
    const std::size_t mark = request.target.find('?');
    writer.request_line(
        request.method, std::string_view(request.target).substr(0, mark),
        mark == std::string::npos ? "" : std::string_view(request.target).substr(mark + 1));
    writer.field("Host", server.authority);
    writer.field("Connection", "close");
    writer.field("User-Agent", "lintel");
    for (const auto& [name, value] : request.fields) {
        writer.field(name, value);
    }
    if (!request.body.empty()) { writer.field("Content-Length", request.body.size()); }
    if (!writer.finish()) { return std::nullopt; }
    head.resize(writer.size());
    return head;
}

/// Takes the chunked coding off; false when it is broken or cut.
bool unchunk(std::string_view input, std::string& body) {
    http::http1::ChunkDecoder decoder;
    while (true) {
        const auto step = decoder.decode(input);
        using Status = http::http1::ChunkDecoder::Status;
        if (step.status == Status::Bad || (step.status == Status::More && step.consumed == 0)) {
            return false;
        }
        body.append(step.data);
        input.remove_prefix(step.consumed);
        if (step.status == Status::End) { return true; }
    }
}

/// The answer in `bytes`, which end where the connection ended.
std::optional<HttpAnswer> parse_answer(std::string_view bytes) {
    http::http1::ResponseParser parser{http::http1::HeadLimits{}};
    http::ResponseHead head;
    if (parser.parse(bytes, false, head) != http::http1::Progress::Done) { return std::nullopt; }
    HttpAnswer answer{.status = head.status, .fields = {}, .body = {}};
    for (const http::Field& field : head.fields) {
        answer.fields[to_lower(field.name)] = std::string(field.value);
    }
    const std::string_view rest = bytes.substr(parser.consumed());
    switch (head.framing.kind) {
        case http::Framing::Kind::None: break;
        case http::Framing::Kind::UntilClose: answer.body = rest; break;
        case http::Framing::Kind::Length:
            if (rest.size() < head.framing.length) { return std::nullopt; }
            answer.body = rest.substr(0, head.framing.length);
            break;
        case http::Framing::Kind::Chunked:
            if (!unchunk(rest, answer.body)) { return std::nullopt; }
            break;
    }
    return answer;
}

}  // namespace

Outcome<ServerAddress> parse_server_address(std::string_view text) {
    constexpr std::string_view kScheme = "http://";
    if (text.starts_with("https://")) {
        return give_up(
            ExitCode::Usage,
            fmt::format("'{}': the management API has no TLS yet; use an http address on "
                        "this machine or through a tunnel",
                        text));
    }
    std::string_view rest = text;
    if (rest.starts_with(kScheme)) { rest.remove_prefix(kScheme.size()); }
    if (rest.ends_with('/')) { rest.remove_suffix(1); }
    if (rest.empty() || rest.find('/') != std::string_view::npos) {
        return give_up(ExitCode::Usage,
                       fmt::format("'{}' is no server address; write http://HOST:PORT", text));
    }
    ServerAddress address{.host = std::string(rest), .port = "80", .authority = std::string(rest)};
    const std::size_t colon = rest.rfind(':');
    if (colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos) {
        address.host = rest.substr(0, colon);
        address.port = rest.substr(colon + 1);
    }
    if (address.host.starts_with('[') && address.host.ends_with(']')) {
        address.host = address.host.substr(1, address.host.size() - 2);
    }
    return address;
}

Outcome<HttpAnswer> call_http(const ServerAddress& server, const HttpRequest& request) {
    const std::optional<std::string> head = request_head(server, request);
    if (!head) {
        return give_up(ExitCode::Usage,
                       "The token, or a name in the address, has characters that "
                       "cannot be sent");
    }
    ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, open_connection(server));
    // A refusal may come before the body is taken: read the answer even when sending failed.
    const bool sent = connection->send(*head) && connection->send(request.body);
    std::string bytes;
    ssize_t got = 0;
    while ((got = connection->receive(bytes)) > 0) {
        if (bytes.size() > kMaxAnswerBytes) { return unreachable(server, "the answer has no end"); }
    }
    std::optional<HttpAnswer> answer = parse_answer(bytes);
    if (answer) { return *std::move(answer); }
    if (got < 0) { return unreachable(server, std::strerror(errno)); }
    return unreachable(server, sent ? "what came back is not HTTP" : "the connection broke");
}

}  // namespace lintel::app
