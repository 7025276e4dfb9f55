#include "notify/mail_message.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"

namespace lintel::notify {
namespace {

Mail mail() {
    return {.id = "dlv_1",
            .from = "lintel@example.com",
            .to = "ada@example.org",
            .subject = "Petstore: your application was approved",
            .text = "Good news.\nCall it.",
            .at = 1'700'000'000'000};
}

std::string head_of(const std::string& message) {
    return message.substr(0, message.find("\r\n\r\n") + 2);
}

/// The text behind the head, decoded.
std::string text_of(const std::string& message) {
    std::string encoded = message.substr(message.find("\r\n\r\n") + 4);
    std::erase_if(encoded, [](char c) { return c == '\r' || c == '\n'; });
    return from_base64(encoded).value_or("not base64");
}

TEST(MailMessage, SaysWhoToWhomAndWhat) {
    EXPECT_EQ(to_message(mail()),
              "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
              "From: <lintel@example.com>\r\n"
              "To: <ada@example.org>\r\n"
              "Message-ID: <dlv_1@example.com>\r\n"
              "Subject: Petstore: your application was approved\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: base64\r\n"
              "\r\n"
              "R29vZCBuZXdzLg0KQ2FsbCBpdC4=\r\n");
}

TEST(MailMessage, SubjectsOfOtherAlphabetsAreEncodedWordByWord) {
    Mail long_one = mail();
    long_one.subject.clear();
    for (int i = 0; i < 40; ++i) {
        long_one.subject += "\u732b\u00fc";
    }
    const std::string head = head_of(to_message(long_one));
    std::string decoded;
    std::size_t at = head.find("=?UTF-8?B?");
    for (; at != std::string::npos; at = head.find("=?UTF-8?B?", at + 1)) {
        const std::size_t begin = at + 10;
        const std::size_t end = head.find("?=", begin);
        EXPECT_LE(end + 2 - at, 75U);
        const std::string word = from_base64(head.substr(begin, end - begin)).value_or("?");
        EXPECT_TRUE(is_valid_utf8(word));
        decoded += word;
    }
    EXPECT_EQ(decoded, long_one.subject);
}

TEST(MailMessage, NothingAddsAHeader) {
    Mail evil = mail();
    evil.subject = "a\r\nBcc: all@example.org";
    evil.to = "ada@example.org>\r\nBcc: all@example.org";
    const std::string head = head_of(to_message(evil));
    EXPECT_EQ(head.find("\nBcc:"), std::string::npos);
    EXPECT_EQ(std::ranges::count(head, '\n'),
              std::ranges::count(head_of(to_message(mail())), '\n'));
}

TEST(MailMessage, LongTextsAreBrokenIntoLinesAndComeOutWhole) {
    Mail long_one = mail();
    long_one.text = std::string(5000, 'x') + "\n.\n" + "\u732b";
    const std::string message = to_message(long_one);
    EXPECT_EQ(text_of(message), std::string(5000, 'x') + "\r\n.\r\n" + "\u732b");
    std::size_t line = 0;
    for (const char c : message) {
        line = c == '\n' ? 0 : line + 1;
        ASSERT_LE(line, 78U);
    }
}

}  // namespace
}  // namespace lintel::notify
