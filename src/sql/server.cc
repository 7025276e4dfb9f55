#include "sql/server.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace lintel::sql {

namespace {

constexpr std::string_view kHidden = "[redacted]";

/// Hides the value of "password" and of whatever ends so ("sslpassword").
void hide_passwords(std::string& options) {
    constexpr std::string_view kName = "password=";
    for (std::size_t at = options.find(kName); at != std::string::npos;
         at = options.find(kName, at)) {
        at += kName.size();
        options.replace(at, std::min(options.find('&', at), options.size()) - at, kHidden);
    }
}

}  // namespace

Status check_url(std::string_view url) {
    const std::string terminated(url);
    // What libpq complains about would quote the URL, and with it the password.
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(terminated.c_str(), nullptr), &PQconninfoFree);
    const bool is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if (!is_url || options == nullptr) {
        return fail(Code::ConfigInvalid,
                    "must be a URL such as postgres://lintel@db.example.com:5432/lintel, with "
                    "special characters written as %40");
    }
    return {};
}

std::string shown_url(std::string_view url) {
    std::string shown(url);
    // The last "@": a password that somebody forgot to encode is hidden, too.
    const std::size_t user = shown.find("://");
    const std::size_t host = shown.rfind('@');
    if (user != std::string::npos && host != std::string::npos) {
        const std::size_t colon = shown.find(':', user + 3);
        if (colon < host) { shown.replace(colon + 1, host - colon - 1, kHidden); }
    }
    hide_passwords(shown);
    return shown;
}

}  // namespace lintel::sql
