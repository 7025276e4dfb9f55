#include "http/http1.h"
#include "http/http1_text.h"

namespace lintel::http::http1 {

Progress ResponseParser::parse(std::string_view bytes, bool to_head, ResponseHead& head) {
    follow(bytes, head.fields);
    if (!start_line_done_) {
        const Progress progress = start_line(bytes, head);
        if (progress != Progress::Done) { return progress; }
        start_line_done_ = true;
    }
    const Progress progress = read_fields(bytes, head.fields);
    return progress == Progress::Done ? finish(to_head, head) : progress;
}

Progress ResponseParser::start_line(std::string_view bytes, ResponseHead& head) {
    constexpr std::size_t kShortest = 13;  // "HTTP/1.1 200\r"
    if (bytes.size() < kShortest) {
        return std::string_view("HTTP/1.").starts_with(bytes.substr(0, 7))
                   ? Progress::More
                   : refuse("the answer does not begin with 'HTTP/1.'");
    }
    if (!bytes.starts_with("HTTP/1.") || (bytes[7] != '0' && bytes[7] != '1') || bytes[8] != ' ') {
        return refuse("the answer does not begin with 'HTTP/1.1 ' or 'HTTP/1.0 '");
    }
    int status = 0;
    for (std::size_t i = 9; i < 12; ++i) {
        if (bytes[i] < '0' || bytes[i] > '9') { return refuse("the status is not a number"); }
        status = status * 10 + (bytes[i] - '0');
    }
    if (status < 100 || status > 599) { return refuse("the status is not between 100 and 599"); }
    if (bytes[12] != ' ' && bytes[12] != '\r') { return refuse("the status line is not valid"); }
    const char* const end = bytes.data() + bytes.size();
    const char* const line_end = bytes.data() + 12 + kValueChars.first_outside(bytes.substr(12));
    if (too_long(static_cast<std::size_t>(line_end - bytes.data()))) { return Progress::Refused; }
    if (end - line_end < 2) { return Progress::More; }
    if (line_end[0] != '\r' || line_end[1] != '\n') {
        return refuse("the status line does not end with CR LF or holds a control");
    }
    head.version = bytes[7] == '1' ? Version::Http11 : Version::Http10;
    head.status = status;
    position_ = static_cast<std::size_t>(line_end - bytes.data()) + 2;
    head.reason = trim(bytes.substr(12, position_ - 14));
    return Progress::Done;
}

Progress ResponseParser::finish(bool to_head, ResponseHead& head) {
    if (const Progress p = framing(to_head, head); p != Progress::Done) { return p; }
    if (seen(HeaderId::Connection) && !read_connection(head.fields)) {
        return refuse("the Connection field is not a short list of names");
    }
    head.keep_alive = head.version == Version::Http11 ? !close_ : keep_alive_ && !close_;
    if (head.framing.kind == Framing::Kind::UntilClose) { head.keep_alive = false; }
    head.websocket = head.status == 101 && seen(HeaderId::Upgrade) &&
                     named_in_connection("upgrade") &&
                     equals_ignoring_case(head.fields.find(HeaderId::Upgrade)->value, "websocket");
    if (seen_.meets(kHopByHop)) {
        head.fields.remove_if([this](const Field& field) {
            return kHopByHop.contains(field.id) || named_in_connection(field.name);
        });
    }
    return Progress::Done;
}

Progress ResponseParser::framing(bool to_head, ResponseHead& head) {
    std::uint64_t length = 0;
    const bool has_length = seen(HeaderId::ContentLength);
    if (has_length && (seen_twice(HeaderId::ContentLength) ||
                       !read_length(head.fields.find(HeaderId::ContentLength)->value, length))) {
        return refuse("Content-Length is not one number, sent once");
    }
    const bool has_coding = seen(HeaderId::TransferEncoding);
    if (has_coding) {
        if (has_length) { return refuse("both Transfer-Encoding and Content-Length were sent"); }
        if (head.version != Version::Http11) {
            return refuse("Transfer-Encoding is not part of HTTP/1.0");
        }
        if (seen_twice(HeaderId::TransferEncoding) ||
            !equals_ignoring_case(head.fields.find(HeaderId::TransferEncoding)->value, "chunked")) {
            return refuse("Transfer-Encoding is not exactly 'chunked', once");
        }
    }
    // RFC 9112 section 6.3: these answers end with their head, whatever the fields say.
    if (head.status < 200 || head.status == 204 || head.status == 304) {
        head.framing = Framing::none();
    } else if (has_coding) {
        head.framing = Framing::chunked();
    } else if (has_length) {
        head.framing = Framing::of_length(length);
    } else {
        head.framing = to_head ? Framing::none() : Framing::until_close();
    }
    return Progress::Done;
}

}  // namespace lintel::http::http1
