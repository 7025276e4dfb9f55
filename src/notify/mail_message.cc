#include "notify/mail_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace lintel::notify {

namespace {

/// An encoded word may have 75 characters (RFC 2047 section 2), 12 of them around the base64.
constexpr std::size_t kBytesOfWord = 45;
constexpr std::size_t kBytesOfLine = 57;  // 76 characters of base64 (RFC 2045 section 6.8)
constexpr std::size_t kLongestPlain = 60;

bool is_plain(std::string_view text) {
    // "=?" would be read as an encoded word.
    return text.size() <= kLongestPlain && !text.contains("=?") &&
           std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// The longest beginning of at most so many bytes that cuts no character in two.
std::string_view first_characters(std::string_view text, std::size_t bytes) {
    std::size_t end = std::min(bytes, text.size());
    while (end > 0 && end < text.size() &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end == 0 ? std::min(bytes, text.size()) : end);
}

std::string encoded_words(std::string_view text) {
    if (is_plain(text)) { return std::string(text); }
    std::string words;
    while (!text.empty()) {
        const std::string_view word = first_characters(text, kBytesOfWord);
        words += fmt::format("{}=?UTF-8?B?{}?=", words.empty() ? "" : "\r\n ", to_base64(word));
        text.remove_prefix(word.size());
    }
    return words;
}

std::string base64_lines(std::string_view text) {
    std::string lines;
    for (; !text.empty(); text.remove_prefix(std::min(kBytesOfLine, text.size()))) {
        lines += to_base64(text.substr(0, kBytesOfLine)) + "\r\n";
    }
    return lines;
}

/// As texts of mails end their lines.
std::string with_line_ends(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\r') { continue; }
        if (c == '\n') { out += '\r'; }
        out += c;
    }
    return out;
}

/// Settings and accounts hold no such characters; a header must not depend on that.
std::string address(std::string_view text) {
    std::string out;
    std::ranges::copy_if(text, std::back_inserter(out),
                         [](char c) { return c > 0x20 && c < 0x7f && c != '<' && c != '>'; });
    return "<" + out + ">";
}

/// "Fri, 20 Nov 2026 08:30:00 +0000" (RFC 5322 section 3.3).
std::string date(TimeMs at) {
    const std::string http = to_imf_fixdate(at);
    return http.substr(0, http.rfind(' ')) + " +0000";
}

}  // namespace

std::string to_message(const Mail& mail) {
    const std::string from = address(mail.from);
    const std::size_t at = from.rfind('@');
    const std::string domain =
        at == std::string::npos ? "lintel" : from.substr(at + 1, from.size() - at - 2);
    return fmt::format(
        "Date: {}\r\nFrom: {}\r\nTo: {}\r\nMessage-ID: <{}@{}>\r\nSubject: {}\r\n"
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        date(mail.at), from, address(mail.to), mail.id, domain, encoded_words(mail.subject),
        base64_lines(with_line_ends(mail.text)));
}

}  // namespace lintel::notify
