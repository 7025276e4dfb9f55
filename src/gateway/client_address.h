// Who the client is when reverse proxies stand between: what they say counts only as far as they
// are trusted. Pure functions over bytes.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/ip_address.h"
#include "http/handler.h"

namespace lintel::gateway {

/// The proxies that may speak for their clients, and where they do it. Immutable; shared by the
/// workers.
struct TrustedProxies {
    enum class Header : std::uint8_t { XForwardedFor, Forwarded };

    std::vector<IpRange> ranges;  ///< none: nobody is believed
    Header header = Header::XForwardedFor;

    bool contains(const IpAddress& address) const;
};

/// How the client called, as far as those who know may be believed.
struct ClientView {
    IpAddress address;
    bool secure = false;    ///< https
    std::string_view host;  ///< the name it called; empty when it sent none
    /// The peer is a trusted proxy: what it says about hops before it is passed on.
    bool by_proxy = false;
};

/// The peer itself, unless it is a trusted proxy: then the address nearest to us in its header that
/// is not a trusted proxy's. What cannot be read ends the search: whoever wrote it is the client.
ClientView client_view(const http::RequestHead& head, const http::Peer& peer,
                       const TrustedProxies& trusted);

/// An element of X-Forwarded-For or "for" of Forwarded: "192.0.2.1", "192.0.2.1:80", "2001:db8::1",
/// "[2001:db8::1]:80".
std::optional<IpAddress> parse_hop(std::string_view text);

}  // namespace lintel::gateway
