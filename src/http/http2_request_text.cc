#include "http/http2_request_text.h"

#include "base/text.h"
#include "http/http1_text.h"
#include "http/http2_stream.h"
#include "http/message.h"

namespace lintel::http {
namespace {

constexpr std::size_t kKept = 4096;

bool is_lower_name(std::string_view name) {
    if (!is_token(name)) { return false; }
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') { return false; }
    }
    return true;
}

bool is_value(std::string_view value) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    const bool padded = !value.empty() && (is_space(value.front()) || is_space(value.back()));
    return !padded && http1::kValueChars.contains_all(value);
}

}  // namespace

void Http2RequestText::begin() {
    for (std::string* part : {&method_, &path_, &host_, &cookies_, &text_}) {
        part->clear();
    }
    fields_ = 0;
    begun_ = counted_ = accepts_trailers_ = false;
}

void Http2RequestText::shrink() {
    for (std::string* part : {&path_, &host_, &cookies_, &text_}) {
        if (part->capacity() > kKept) { std::string().swap(*part); }
    }
}

bool Http2RequestText::add(std::string_view name, std::string_view value) {
    ++fields_;
    if (name.starts_with(':')) { return !begun_ && add_pseudo(name, value); }
    if (!is_lower_name(name) || !is_value(value)) { return false; }
    if (!begun_ && !write_request_line()) { return false; }
    switch (header_id(name)) {
        case HeaderId::Connection:
        case HeaderId::KeepAlive:
        case HeaderId::ProxyConnection:
        case HeaderId::TransferEncoding:
        case HeaderId::Upgrade: return false;
        case HeaderId::Te: accepts_trailers_ = value == "trailers"; return accepts_trailers_;
        case HeaderId::Host: return add_host(value);
        case HeaderId::Cookie:
            if (cookies_.size() < kMaxHeadText) {
                if (!cookies_.empty()) { cookies_ += "; "; }
                cookies_ += value;
            }
            return true;
        case HeaderId::ContentLength:
            counted_ = true;
            write(name, value);
            return true;
        default: write(name, value); return true;
    }
}

bool Http2RequestText::add_pseudo(std::string_view name, std::string_view value) {
    if (value.empty() && name != ":authority") { return false; }
    if (name == ":method") {
        if (!method_.empty() || !is_token(value)) { return false; }
        method_ = value;
        return true;
    }
    if (name == ":path") {
        if (!path_.empty() || !http1::kTargetChars.contains_all(value)) { return false; }
        // Also "*" of OPTIONS: there is no such resource behind a gateway.
        if (!value.starts_with('/')) { return false; }
        path_ = value;
        return true;
    }
    if (name == ":authority") {
        if (!host_.empty() || !http1::kTargetChars.contains_all(value)) { return false; }
        host_ = value;
        return true;
    }
    return name == ":scheme" && (value == "http" || value == "https");
}

bool Http2RequestText::add_host(std::string_view value) {
    if (host_.empty()) {
        host_ = value;
        return !value.empty() && http1::kTargetChars.contains_all(value);
    }
    // RFC 9113 section 8.3.1: they may not disagree.
    return equals_ignoring_case(host_, value);
}

bool Http2RequestText::write_request_line() {
    if (method_.empty() || path_.empty()) { return false; }
    begun_ = true;
    text_.append(method_).append(" ").append(path_).append(" HTTP/1.1\r\n");
    return true;
}

void Http2RequestText::write(std::string_view name, std::string_view value) {
    if (text_.size() > kMaxHeadText) { return; }
    text_.append(name).append(": ").append(value).append("\r\n");
}

bool Http2RequestText::finish(bool body) {
    if (!begun_ && !write_request_line()) { return false; }
    if (!cookies_.empty()) { write("cookie", cookies_); }
    if (host_.empty()) { return false; }
    write("host", host_);
    if (body && !counted_) { write("transfer-encoding", "chunked"); }
    text_ += "\r\n";
    return true;
}

}  // namespace lintel::http
