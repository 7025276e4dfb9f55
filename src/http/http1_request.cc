#include <fmt/core.h>

#include "base/ascii.h"
#include "base/ip_address.h"
#include "http/http1.h"
#include "http/http1_text.h"

namespace lintel::http::http1 {
namespace {

constexpr std::size_t kMaxMethod = 32;

bool is_v6_literal(std::string_view text) {
    return text.find(':') != std::string_view::npos && IpAddress::parse(text).has_value();
}

/// "host", "host:port", "[::1]:port"; nothing else (no user, no empty port).
bool is_authority(std::string_view text) {
    std::size_t at = 0;
    if (text.starts_with('[')) {
        at = text.find(']');
        if (at == std::string_view::npos || !is_v6_literal(text.substr(1, at - 1))) {
            return false;
        }
        ++at;
    } else {
        at = kHostChars.first_outside(text);
        if (at == 0) { return false; }
    }
    if (at == text.size()) { return true; }
    if (text[at] != ':' || text.size() - at > 6 || text.size() - at < 2) { return false; }
    unsigned port = 0;
    for (const char c : text.substr(at + 1)) {
        if (c < '0' || c > '9') { return false; }
        port = port * 10 + static_cast<unsigned>(c - '0');
    }
    return port <= 65535;
}

/// Fields a client may not have dropped by naming them in Connection: those we act on or own, and
/// everything that means something to the backend.
bool is_protected(std::string_view name) {
    const HeaderId id = header_id(name);
    if (id == HeaderId::TransferEncoding) { return true; }
    if (id != HeaderId::Other) { return !kHopByHop.contains(id); }
    for (const std::string_view prefix : {"content-", "x-forwarded-", "x-lintel-", "x-consumer-"}) {
        if (name.size() > prefix.size() &&
            equals_ignoring_case(name.substr(0, prefix.size()), prefix)) {
            return true;
        }
    }
    return false;
}

}  // namespace

Progress RequestParser::parse(std::string_view bytes, RequestHead& head) {
    follow(bytes, head.fields);
    if (!start_line_done_) {
        const Progress progress = start_line(bytes, head);
        if (progress != Progress::Done) { return progress; }
        start_line_done_ = true;
    }
    const Progress progress = read_fields(bytes, head.fields);
    return progress == Progress::Done ? finish(head) : progress;
}

Progress RequestParser::start_line(std::string_view bytes, RequestHead& head) {
    head.method = head.target = head.host = {};
    head.version = Version::Http11;
    head.framing = Framing::none();
    head.keep_alive = true;
    head.expect_continue = false;
    authority_ = {};
    // RFC 9112 section 2.2: one empty line before the request line is ignored.
    std::size_t begin = 0;
    if (bytes.starts_with('\r')) {
        if (bytes.size() < 2) { return Progress::More; }
        if (bytes[1] != '\n') { return refuse("a line ends with a bare CR"); }
        begin = 2;
    }
    std::size_t at = begin + kTokenCharacters.first_outside(bytes.substr(begin));
    if (at - begin > kMaxMethod) { return refuse("the method is too long"); }
    if (at == bytes.size()) { return Progress::More; }
    if (bytes[at] != ' ' || at == begin) { return refuse("the method is not a token"); }
    head.method = bytes.substr(begin, at - begin);
    const std::size_t target_begin = ++at;
    at += kTargetChars.first_outside(bytes.substr(at));
    if (at - target_begin > limits_.target_bytes) {
        return refuse(
            Code::RequestUriTooLong,
            fmt::format("the request target is longer than {} bytes", limits_.target_bytes));
    }
    if (at == bytes.size()) { return Progress::More; }
    head.target = bytes.substr(target_begin, at - target_begin);
    if (bytes[at] == '#') { return refuse("the request target holds a fragment ('#')"); }
    if (static_cast<unsigned char>(bytes[at]) >= 0x80) {
        return refuse(Code::RequestPathForbidden, "the request target holds a raw non-ASCII byte");
    }
    if (bytes[at] != ' ') { return refuse("the request line has no version or holds a control"); }
    if (head.target.empty()) { return refuse("the request target is empty"); }
    return version(bytes, at + 1, head);
}

Progress RequestParser::version(std::string_view bytes, std::size_t at, RequestHead& head) {
    if (bytes.size() - at < 10) { return Progress::More; }
    const std::string_view text = bytes.substr(at, 8);
    if (!text.starts_with("HTTP/") || !is_digit(text[5]) || text[6] != '.' || !is_digit(text[7])) {
        return refuse("the request line does not end with 'HTTP/1.1'");
    }
    if (text[5] != '1' || text[7] > '1') {
        return refuse(Code::RequestVersion, fmt::format("{} is not spoken here", text));
    }
    if (bytes[at + 8] != '\r' || bytes[at + 9] != '\n') {
        return refuse("the request line does not end with CR LF");
    }
    head.version = text[7] == '1' ? Version::Http11 : Version::Http10;
    position_ = at + 10;
    return target(head);
}

Progress RequestParser::target(RequestHead& head) {
    if (head.method == "CONNECT") {
        return refuse(Code::RouteMethodNotAllowed, "tunnels (CONNECT) are not offered");
    }
    if (head.target.starts_with('/')) { return Progress::Done; }
    std::string_view rest = head.target;
    const std::size_t scheme = rest.find("://");
    if (scheme == std::string_view::npos ||
        (!equals_ignoring_case(rest.substr(0, scheme), "http") &&
         !equals_ignoring_case(rest.substr(0, scheme), "https"))) {
        return refuse("the request target does not begin with '/'");
    }
    rest.remove_prefix(scheme + 3);
    const std::size_t path = rest.find_first_of("/?");
    authority_ = rest.substr(0, path);
    if (path == std::string_view::npos) {
        head.target = "/";
    } else if (rest[path] == '?') {
        return refuse("the absolute request target has a query without a path");
    } else {
        head.target = rest.substr(path);
    }
    if (!is_authority(authority_)) {
        return refuse("the authority of the request target is not valid");
    }
    return Progress::Done;
}

Progress RequestParser::finish(RequestHead& head) {
    if (const Progress p = host(head); p != Progress::Done) { return p; }
    if (const Progress p = framing(head); p != Progress::Done) { return p; }
    if (seen_twice(HeaderId::ContentType)) {
        return refuse(Code::RequestHeaderForbidden, "Content-Type was sent more than once");
    }
    if (seen(HeaderId::Expect) && head.version == Version::Http11) {
        const Field* expect = head.fields.find(HeaderId::Expect);
        if (seen_twice(HeaderId::Expect) || !equals_ignoring_case(expect->value, "100-continue")) {
            return refuse(Code::ExpectationFailed, "only 'Expect: 100-continue' is understood");
        }
        head.expect_continue = head.framing.kind != Framing::Kind::None;
    }
    return connection(head);
}

Progress RequestParser::host(RequestHead& head) {
    if (seen_twice(HeaderId::Host)) { return refuse("Host was sent more than once"); }
    const Field* field = seen(HeaderId::Host) ? head.fields.find(HeaderId::Host) : nullptr;
    if (field == nullptr) {
        if (head.version == Version::Http11) { return refuse("the Host field is missing"); }
        head.host = authority_;
        return Progress::Done;
    }
    if (!is_authority(field->value)) { return refuse("the Host field is not valid"); }
    head.host = field->value;
    if (!authority_.empty() && !equals_ignoring_case(authority_, head.host)) {
        return refuse("the request target and the Host field name different hosts");
    }
    return Progress::Done;
}

Progress RequestParser::framing(RequestHead& head) {
    if (seen(HeaderId::TransferEncoding)) {
        if (seen(HeaderId::ContentLength)) {
            return refuse("both Transfer-Encoding and Content-Length were sent");
        }
        if (head.version != Version::Http11) {
            return refuse("Transfer-Encoding is not part of HTTP/1.0");
        }
        const Field* coding = head.fields.find(HeaderId::TransferEncoding);
        if (seen_twice(HeaderId::TransferEncoding) ||
            !equals_ignoring_case(coding->value, "chunked")) {
            return refuse("Transfer-Encoding must be exactly 'chunked', once");
        }
        head.framing = Framing::chunked();
        return Progress::Done;
    }
    if (!seen(HeaderId::ContentLength)) { return Progress::Done; }
    std::uint64_t length = 0;
    if (seen_twice(HeaderId::ContentLength) ||
        !read_length(head.fields.find(HeaderId::ContentLength)->value, length)) {
        return refuse("Content-Length must be one number of at most 18 digits, sent once");
    }
    head.framing = Framing::of_length(length);
    return Progress::Done;
}

/// RFC 6455 section 4.2.1.
bool RequestParser::asks_for_websocket(const RequestHead& head) const {
    return !seen_twice(HeaderId::Upgrade) && named_in_connection("upgrade") &&
           equals_ignoring_case(head.fields.find(HeaderId::Upgrade)->value, "websocket") &&
           head.method == "GET" && head.version == Version::Http11 &&
           head.framing.kind == Framing::Kind::None;
}

Progress RequestParser::connection(RequestHead& head) {
    static constexpr HeaderSet kNotForwarded = kHopByHop | HeaderSet{HeaderId::Expect};
    if (seen(HeaderId::Connection) && !read_connection(head.fields)) {
        return refuse("the Connection field is not a short list of names");
    }
    for (const std::string_view named : named_) {
        if (is_protected(named)) {
            return refuse(Code::RequestHeaderForbidden,
                          fmt::format("Connection may not name '{}'", named));
        }
    }
    head.keep_alive = head.version == Version::Http11 ? !close_ : keep_alive_ && !close_;
    head.accepts_trailers = seen(HeaderId::Te) &&
                            equals_ignoring_case(head.fields.find(HeaderId::Te)->value, "trailers");
    head.websocket = seen(HeaderId::Upgrade) && asks_for_websocket(head);
    if (seen_.meets(kNotForwarded)) {
        head.fields.remove_if([this](const Field& field) {
            return kNotForwarded.contains(field.id) || named_in_connection(field.name);
        });
    }
    return Progress::Done;
}

}  // namespace lintel::http::http1
