#include "base/host_port.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.h"
#include "base/ip_address.h"

namespace lintel {
namespace {

constexpr std::size_t kMaxHost = 253;  // RFC 1035 section 2.3.4, as text

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= kMaxHost && std::ranges::all_of(host, [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
    });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) {
        return std::nullopt;
    }
    return port;
}

}  // namespace

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit);
}

std::expected<HostPort, HostPortFault> parse_host_port(std::string_view text) {
    const auto bad_host = [](std::string_view detail) {
        return std::unexpected(HostPortFault{.detail = detail});
    };
    const bool bracketed = text.starts_with('[');
    const std::size_t bracket = bracketed ? text.find(']') : 0;
    if (bracket == std::string_view::npos) { return bad_host("has a broken IPv6 address"); }
    const std::size_t colon = text.find(':', bracket);
    std::string_view host = text.substr(0, colon);
    if (bracketed) {
        if (!host.ends_with(']')) { return bad_host("has a broken IPv6 address"); }
        host = host.substr(1, host.size() - 2);
    }
    const bool good = bracketed ? IpAddress::parse(host).has_value() : is_host(host);
    if (!good) { return bad_host("is not a host name or address"); }
    HostPort parsed{.host = std::string(host)};
    if (colon == std::string_view::npos) { return parsed; }
    const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
    if (!port) {
        return std::unexpected(
            HostPortFault{.in_port = true, .detail = "the port must be a number from 1 to 65535"});
    }
    parsed.port = *port;
    return parsed;
}

}  // namespace lintel
