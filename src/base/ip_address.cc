#include "base/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace lintel {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::optional<int> decimal(std::string_view text, int limit) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) {
        return std::nullopt;
    }
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') { return std::nullopt; }
        value = value * 10 + (c - '0');
    }
    return value <= limit ? std::optional(value) : std::nullopt;
}

bool in_v4(const IpAddress& address, std::uint32_t base, int prefix) {
    return address.is_v4() && (address.v4_host_order() >> (32 - prefix)) == (base >> (32 - prefix));
}

}  // namespace

IpAddress IpAddress::v4(std::uint32_t host_order) {
    IpAddress address;
    std::copy(kMapped.begin(), kMapped.end(), address.bytes_.begin());
    for (std::size_t i = 0; i < 4; ++i) {
        address.bytes_[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    }
    return address;
}

IpAddress IpAddress::from_bytes(const Bytes& bytes) {
    IpAddress address;
    address.bytes_ = bytes;
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.empty() || text.size() >= INET6_ADDRSTRLEN) { return std::nullopt; }
    // inet_pton would take a NUL for the end of the text.
    if (text.find('\0') != std::string_view::npos) { return std::nullopt; }
    char buffer[INET6_ADDRSTRLEN];
    std::memcpy(buffer, text.data(), text.size());
    buffer[text.size()] = '\0';
    if (text.find(':') == std::string_view::npos) {
        in_addr v4_address{};  // inet_pton refuses short, octal and hexadecimal forms
        if (inet_pton(AF_INET, buffer, &v4_address) != 1) { return std::nullopt; }
        return v4(ntohl(v4_address.s_addr));
    }
    Bytes bytes{};
    if (inet_pton(AF_INET6, buffer, bytes.data()) != 1) { return std::nullopt; }
    return from_bytes(bytes);
}

bool IpAddress::is_v4() const {
    return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

std::uint32_t IpAddress::v4_host_order() const {
    std::uint32_t value = 0;
    for (std::size_t i = 12; i < 16; ++i) {
        value = (value << 8) | bytes_[i];
    }
    return value;
}

std::string IpAddress::to_string() const {
    if (is_v4()) {
        // Written once per request; the C library needs a thousand instructions for it.
        std::string text;
        for (std::size_t i = 12; i < bytes_.size(); ++i) {
            if (i > 12) { text.push_back('.'); }
            const fmt::format_int number(bytes_[i]);
            text.append(number.data(), number.size());
        }
        return text;
    }
    char buffer[INET6_ADDRSTRLEN] = {};
    inet_ntop(AF_INET6, bytes_.data(), buffer, sizeof buffer);
    return buffer;
}

bool IpAddress::is_unspecified() const {
    return *this == IpAddress{} || in_v4(*this, 0, 8);
}

bool IpAddress::is_loopback() const {
    if (is_v4()) { return in_v4(*this, 0x7F000000, 8); }
    Bytes one{};
    one[15] = 1;
    return bytes_ == one;
}

bool IpAddress::is_link_local() const {
    return in_v4(*this, 0xA9FE0000, 16) || (bytes_[0] == 0xFE && (bytes_[1] & 0xC0) == 0x80);
}

bool IpAddress::is_private() const {
    return in_v4(*this, 0x0A000000, 8) || in_v4(*this, 0xAC100000, 12) ||
           in_v4(*this, 0xC0A80000, 16) || in_v4(*this, 0x64400000, 10) ||
           (bytes_[0] & 0xFE) == 0xFC;
}

bool IpAddress::is_multicast() const {
    return in_v4(*this, 0xE0000000, 4) || in_v4(*this, 0xF0000000, 4) || bytes_[0] == 0xFF;
}

IpAddress IpAddress::unwrapped() const {
    constexpr std::array<std::uint8_t, 12> kNat64 = {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0};
    const auto v4_at = [this](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = at; i < at + 4; ++i) {
            value = (value << 8) | bytes_[i];
        }
        return v4(value);
    };
    if (std::equal(kNat64.begin(), kNat64.end(), bytes_.begin())) { return v4_at(12); }
    if (bytes_[0] == 0x20 && bytes_[1] == 0x02) { return v4_at(2); }
    return *this;
}

std::optional<IpRange> IpRange::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) { return std::nullopt; }
    IpRange range;
    range.base_ = *address;
    if (slash != std::string_view::npos) {
        const auto prefix = decimal(text.substr(slash + 1), address->is_v4() ? 32 : 128);
        if (!prefix) { return std::nullopt; }
        range.prefix_ = address->is_v4() ? *prefix + 96 : *prefix;
    }
    for (int bit = range.prefix_; bit < 128; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        if ((range.base_.bytes()[byte] & (0x80 >> (bit % 8))) != 0) { return std::nullopt; }
    }
    return range;
}

bool IpRange::contains(const IpAddress& address) const {
    const auto whole = static_cast<std::size_t>(prefix_ / 8);
    if (!std::equal(base_.bytes().begin(),
                    base_.bytes().begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes().begin())) {
        return false;
    }
    const int rest = prefix_ % 8;
    if (rest == 0) { return true; }
    const int mask = 0xFF << (8 - rest);
    return (base_.bytes()[whole] & mask) == (address.bytes()[whole] & mask);
}

std::string IpRange::to_string() const {
    const int prefix = base_.is_v4() ? prefix_ - 96 : prefix_;
    if (prefix == (base_.is_v4() ? 32 : 128)) { return base_.to_string(); }
    return fmt::format("{}/{}", base_.to_string(), prefix);
}

}  // namespace lintel
