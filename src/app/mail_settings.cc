#include "app/mail_settings.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "app/local_file.h"
#include "app/version.h"

namespace lintel::app {

namespace {

bool is_smtp_url(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (!url.starts_with("smtp://") && !url.starts_with("smtps://")) { return false; }
    const std::string_view authority = url.substr(scheme + 3);
    return !authority.empty() && std::ranges::none_of(authority, [](char c) {
        return c <= 0x20 || c >= 0x7f || c == '/' || c == '@' || c == '?' || c == '#';
    });
}

bool is_address(std::string_view text) {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           std::ranges::none_of(
               text, [](char c) { return c <= 0x20 || c >= 0x7f || c == '<' || c == '>'; });
}

std::unexpected<Error> wrong_mail_settings(std::vector<Fault> faults) {
    std::string message = "Mails cannot be sent with these settings:";
    for (const Fault& fault : faults) {
        message += fmt::format("\n  {}: {}", fault.pointer, fault.detail);
    }
    return fail(
        {.code = Code::ConfigInvalid, .message = std::move(message), .faults = std::move(faults)});
}

}  // namespace

Result<std::optional<notify::MailServer>> mail_server(const Settings& settings) {
    notify::MailServer server{.url = settings.text("smtp.url"),
                              .user = settings.text("smtp.user"),
                              .starttls = settings.text("smtp.starttls") == "required",
                              .from = settings.text("smtp.from")};
    if (server.url.empty()) { return std::optional<notify::MailServer>(); }
    std::vector<Fault> faults;
    if (!is_smtp_url(server.url)) {
        faults.push_back({"smtp.url", "config.value",
                          "must be smtp://HOST:PORT or smtps://HOST:PORT; user and password are "
                          "settings of their own"});
    }
    if (!is_address(server.from)) {
        faults.push_back({"smtp.from", "config.value",
                          "must be the address mails come from, such as lintel@example.com"});
    }
    if (const std::string& file = settings.text("smtp.password_file"); !file.empty()) {
        const auto password = read_secret_file(file);
        if (password) {
            server.password = *password;
        } else {
            faults.push_back({"smtp.password_file", "config.value", password.error().message});
        }
    }
    if (!faults.empty()) { return wrong_mail_settings(std::move(faults)); }
    return std::optional(std::move(server));
}

notify::TransferSettings transfer_settings(async::AddressRule rule) {
    // OpenSSL takes it for backends, too: the same authorities are trusted both ways.
    const char* const authorities = std::getenv("SSL_CERT_FILE");
    return {.rule = std::move(rule),
            .user_agent = fmt::format("Lintel/{}", kVersion),
            .authorities = authorities == nullptr ? "" : authorities};
}

}  // namespace lintel::app
