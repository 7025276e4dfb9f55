#include "app/listen_entry.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "app/settings.h"
#include "base/text.h"

namespace lintel::app {

namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kMode = "mode=";

std::unexpected<Error> wrong(std::string message) {
    return fail(Code::ConfigInvalid, std::move(message));
}

Result<async::ListenAddress> parse_place(std::string_view text) {
    if (text.starts_with(kUnix)) {
        const std::string_view path = text.substr(kUnix.size());
        if (!path.starts_with('/')) {
            return wrong("must name an absolute path, such as unix:/run/lintel/http.sock");
        }
        return async::ListenAddress{.ip = {}, .path = std::string(path)};
    }
    ASSIGN_OR_RETURN(const HostAndPort parsed, parse_host_and_port(text));
    return async::ListenAddress{
        .ip = {.address = IpAddress::parse(parsed.host).value_or(IpAddress{}),
               .port = parsed.port}};
}

Status take_word(ListenEntry& entry, std::string_view word) {
    if (word == "proxy_protocol") {
        entry.proxy_protocol = true;
        return {};
    }
    if (!word.starts_with(kMode)) {
        return wrong(
            fmt::format("has '{}' behind an address; proxy_protocol or mode=0660 may stand "
                        "there",
                        word));
    }
    if (!entry.address.is_unix()) { return wrong("has a mode, which only a unix socket can have"); }
    const std::string_view digits = word.substr(kMode.size());
    unsigned mode = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), mode, 8);
    if (error != std::errc() || end != digits.data() + digits.size() || mode > 0777) {
        return wrong("has a mode that is no octal number up to 0777");
    }
    entry.address.mode = mode;
    return {};
}

}  // namespace

Result<ListenEntry> parse_listen_entry(std::string_view text) {
    ListenEntry entry;
    bool first = true;
    for (const std::string_view part : split(text, ' ')) {
        const std::string_view word = trim(part);
        if (word.empty()) { continue; }
        if (first) {
            ASSIGN_OR_RETURN(entry.address, parse_place(word));
            first = false;
        } else {
            RETURN_IF_ERROR(take_word(entry, word));
        }
    }
    if (first) { return wrong("must be ADDRESS:PORT or unix:/PATH"); }
    return entry;
}

Result<std::vector<ListenEntry>> parse_listen_entries(std::string_view text) {
    std::vector<ListenEntry> entries;
    for (const std::string_view part : split(text, ',')) {
        if (trim(part).empty()) { continue; }
        ASSIGN_OR_RETURN(ListenEntry entry, parse_listen_entry(part));
        const auto same = [&](const ListenEntry& other) {
            // Port 0 is another port each time.
            return entry.address.is_same_place(other.address) &&
                   (entry.address.is_unix() || entry.address.ip.port != 0);
        };
        if (std::ranges::any_of(entries, same)) {
            return wrong(fmt::format("names {} twice", async::to_string(entry.address)));
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace lintel::app
