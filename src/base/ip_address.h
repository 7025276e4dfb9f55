// IP addresses and ranges. IPv4 is kept in its IPv4-mapped IPv6 form, so that 127.0.0.1 and
// ::ffff:127.0.0.1 are one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lintel {

class IpAddress {
public:
    using Bytes = std::array<std::uint8_t, 16>;

    IpAddress() = default;  ///< the unspecified address "::"
    static IpAddress v4(std::uint32_t host_order);
    static IpAddress from_bytes(const Bytes& bytes);
    /// Strict textual forms: four decimal octets without leading zeros, or RFC 4291; no zone, no
    /// port, no brackets.
    static std::optional<IpAddress> parse(std::string_view text);

    bool is_v4() const;
    std::uint32_t v4_host_order() const;
    const Bytes& bytes() const { return bytes_; }
    std::string to_string() const;

    bool is_unspecified() const;  ///< 0.0.0.0/8, ::
    bool is_loopback() const;     ///< 127.0.0.0/8, ::1
    bool is_link_local() const;   ///< 169.254.0.0/16, fe80::/10: cloud metadata lives here
    bool is_private() const;      ///< RFC 1918, CGNAT 100.64.0.0/10, ULA fc00::/7
    bool is_multicast() const;    ///< 224.0.0.0/4, 240.0.0.0/4 (reserved, broadcast), ff00::/8
    /// The IPv4 address hidden in NAT64 (64:ff9b::/96) or 6to4 (2002::/16), else the address
    /// itself.
    IpAddress unwrapped() const;

    auto operator<=>(const IpAddress&) const = default;

private:
    Bytes bytes_{};
};

/// An address or a CIDR block.
class IpRange {
public:
    /// "203.0.113.7", "203.0.113.0/24", "2001:db8::/32". Host bits below the prefix must be zero.
    static std::optional<IpRange> parse(std::string_view text);
    bool contains(const IpAddress& address) const;
    std::string to_string() const;
    auto operator<=>(const IpRange&) const = default;

private:
    IpAddress base_;
    int prefix_ = 128;  ///< bits of the IPv6(-mapped) form
};

}  // namespace lintel
