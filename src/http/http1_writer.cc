#include <fmt/format.h>

#include <cstring>

#include "http/http1.h"
#include "http/http1_text.h"

namespace lintel::http::http1 {

void HeadWriter::put_run() {
    if (run_begin_ == run_end_) { return; }
    const std::string_view run(run_begin_, run_end_);
    run_begin_ = run_end_ = nullptr;
    put(run);
}

void HeadWriter::put(std::string_view text) {
    put_run();
    if (text.size() > into_.size() - size_) [[unlikely]] {
        overflow_ = true;
        return;
    }
    if (!text.empty()) { std::memcpy(into_.data() + size_, text.data(), text.size()); }
    size_ += text.size();
}

void HeadWriter::put_line(std::string_view first, std::string_view between,
                          std::string_view second) {
    put_run();
    const std::size_t size = first.size() + between.size() + second.size() + 2;
    if (size > into_.size() - size_) [[unlikely]] {
        overflow_ = true;
        return;
    }
    char* at = into_.data() + size_;
    for (const std::string_view part : {first, between, second}) {
        if (!part.empty()) { std::memcpy(at, part.data(), part.size()); }
        at += part.size();
    }
    at[0] = '\r';
    at[1] = '\n';
    size_ += size;
}

bool is_request_target(std::string_view target) {
    return target.starts_with('/') && kTargetChars.contains_all(target);
}

void HeadWriter::request_line(std::string_view method, std::string_view path,
                              std::string_view query) {
    if (!is_token(method) || !is_request_target(path) || !kTargetChars.contains_all(query)) {
        bad_ = true;
        return;
    }
    put(method);
    put(" ");
    put(path);
    if (!query.empty()) {
        put("?");
        put(query);
    }
    put(" HTTP/1.1\r\n");
}

void HeadWriter::status_line(int status) {
    if (status < 100 || status > 999) {
        bad_ = true;
        return;
    }
    const auto digit = [](int value) { return static_cast<char>('0' + value % 10); };
    const std::array<char, 4> code{digit(status / 100), digit(status / 10), digit(status), ' '};
    put("HTTP/1.1 ");
    put({code.data(), code.size()});
    put(reason_of(status));
    put("\r\n");
}

void HeadWriter::field(std::string_view name, std::string_view value) {
    if (!is_token(name) || !kValueChars.contains_all(value)) {
        bad_ = true;
        return;
    }
    put_line(name, ": ", value);
}

void HeadWriter::field(const Field& field) {
    const char* const name_end = field.name.data() + field.name.size();
    const bool intact = field.line_intact && name_end + 2 == field.value.data() &&
                        std::memcmp(name_end, ": ", 2) == 0 &&
                        std::memcmp(field.value.data() + field.value.size(), "\r\n", 2) == 0;
    if (!intact) {
        this->field(field.name, field.value);
        return;
    }
    if (field.name.data() != run_end_) {
        put_run();
        run_begin_ = field.name.data();
    }
    run_end_ = field.value.data() + field.value.size() + 2;
}

void HeadWriter::field(std::string_view name, std::uint64_t value) {
    const fmt::format_int text(value);
    if (!is_token(name)) {
        bad_ = true;
        return;
    }
    put_line(name, ": ", {text.data(), text.size()});
}

void HeadWriter::framing(const Framing& framing) {
    if (framing.kind == Framing::Kind::Length) {
        field("Content-Length", framing.length);
    } else if (framing.kind == Framing::Kind::Chunked) {
        put("Transfer-Encoding: chunked\r\n");
    }
}

bool HeadWriter::finish() {
    put("\r\n");
    return !overflow_ && !bad_;
}

}  // namespace lintel::http::http1
