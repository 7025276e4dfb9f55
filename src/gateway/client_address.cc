#include "gateway/client_address.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/host_port.h"
#include "base/text.h"

namespace lintel::gateway {
namespace {

/// Proxies in a row; what is farther away is not looked at.
constexpr std::size_t kMaxHops = 32;

/// One proxy's word about who called it.
struct Hop {
    std::string_view client;
    std::string_view proto = {};
    std::string_view host = {};
};

/// The last kMaxHops hops, the nearest at the end.
class Hops {
public:
    void add(const Hop& hop) { hops_[count_++ % kMaxHops] = hop; }
    void clear() { count_ = 0; }
    /// Behind the nearest come those farther away.
    std::size_t size() const { return std::min(count_, kMaxHops); }
    const Hop& nearest(std::size_t number) const { return hops_[(count_ - 1 - number) % kMaxHops]; }

private:
    std::array<Hop, kMaxHops> hops_;
    std::size_t count_ = 0;
};

// ---- Forwarded (RFC 7239) -----------------------------------------------------------------------

/// Reads elements "name=value;name=value, ..." one after the other.
class ForwardedReader {
public:
    explicit ForwardedReader(std::string_view text) : rest_(text) {}

    /// Adds every element. False when the field is malformed: then nothing in it counts.
    bool read(Hops& hops) {
        Hop hop;
        while (true) {
            skip_space();
            if (!rest_.empty() && rest_[0] != ',' && rest_[0] != ';' && !read_pair(hop)) {
                return false;
            }
            skip_space();
            if (rest_.empty() || rest_[0] == ',') {
                hops.add(hop);
                if (rest_.empty()) { return true; }
                hop = {};
            } else if (rest_[0] != ';') {
                return false;
            }
            rest_.remove_prefix(1);
        }
    }

private:
    void skip_space() {
        while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) {
            rest_.remove_prefix(1);
        }
    }
    std::string_view take_token() {
        const auto end = std::ranges::find_if_not(rest_, is_token_character);
        const auto size = static_cast<std::size_t>(end - rest_.begin());
        const std::string_view token = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return token;
    }
    /// A token or a quoted string. No address, scheme or host needs a quoted pair in it.
    bool take_value(std::string_view& value) {
        if (rest_.empty() || rest_[0] != '"') {
            value = take_token();
            return !value.empty();
        }
        const std::size_t end = rest_.find_first_of("\"\\", 1);
        if (end == std::string_view::npos || rest_[end] != '"') { return false; }
        value = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        return true;
    }
    bool read_pair(Hop& hop) {
        const std::string_view name = take_token();
        if (name.empty() || rest_.empty() || rest_[0] != '=') { return false; }
        rest_.remove_prefix(1);
        std::string_view value;
        if (!take_value(value)) { return false; }
        if (equals_ignoring_case(name, "for")) { return set(hop.client, value); }
        if (equals_ignoring_case(name, "proto")) { return set(hop.proto, value); }
        if (equals_ignoring_case(name, "host")) { return set(hop.host, value); }
        return true;
    }
    /// RFC 7239 section 4: a parameter stands once in an element.
    static bool set(std::string_view& place, std::string_view value) {
        if (!place.empty()) { return false; }
        place = value;
        return true;
    }

    std::string_view rest_;
};

void read_forwarded(const http::Fields& fields, Hops& hops) {
    for (const http::Field& field : fields) {
        if (field.id != http::HeaderId::Forwarded) { continue; }
        // The hops behind a malformed field are not known to be complete.
        if (!ForwardedReader(field.value).read(hops)) { hops.clear(); }
    }
}

// ---- X-Forwarded-For ----------------------------------------------------------------------------

/// The value, when the field was sent once.
std::string_view only_value(const http::Fields& fields, http::HeaderId id) {
    return fields.count(id) == 1 ? fields.find(id)->value : std::string_view();
}

void read_x_forwarded(const http::Fields& fields, Hops& hops) {
    // One proxy writes these two for the whole chain; the trusted one nearest to us is the last.
    const std::string_view proto = only_value(fields, http::HeaderId::XForwardedProto);
    const std::string_view host = only_value(fields, http::HeaderId::XForwardedHost);
    for (const http::Field& field : fields) {
        if (field.id != http::HeaderId::XForwardedFor) { continue; }
        for (const std::string_view hop : split(field.value, ',')) {
            hops.add({.client = trim(hop), .proto = proto, .host = host});
        }
    }
    if (hops.size() == 0 && !(proto.empty() && host.empty())) {
        hops.add({.client = {}, .proto = proto, .host = host});
    }
}

bool is_host(std::string_view text) {
    constexpr std::size_t kMaxHost = 255;
    return !text.empty() && text.size() <= kMaxHost && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' ||
               c == ']';
    });
}

}  // namespace

bool TrustedProxies::contains(const IpAddress& address) const {
    return std::ranges::any_of(ranges,
                               [&](const IpRange& range) { return range.contains(address); });
}

std::optional<IpAddress> parse_hop(std::string_view text) {
    if (const auto address = IpAddress::parse(text)) { return address; }
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) { return std::nullopt; }
        const std::string_view port = text.substr(close + 1);
        const std::string_view inner = text.substr(1, close - 1);
        const bool good = port.empty() || (port[0] == ':' && is_port(port.substr(1)));
        if (!good || inner.find(':') == std::string_view::npos) { return std::nullopt; }
        return IpAddress::parse(inner);
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) {
        return std::nullopt;
    }
    return IpAddress::parse(text.substr(0, colon));
}

ClientView client_view(const http::RequestHead& head, const http::Peer& peer,
                       const TrustedProxies& trusted) {
    ClientView view{.address = peer.address, .secure = peer.secure, .host = head.host};
    if (trusted.ranges.empty() || !trusted.contains(peer.address)) { return view; }
    view.by_proxy = true;
    Hops hops;
    if (trusted.header == TrustedProxies::Header::Forwarded) {
        read_forwarded(head.fields, hops);
    } else {
        read_x_forwarded(head.fields, hops);
    }
    for (std::size_t i = 0; i < hops.size(); ++i) {
        // Written by a proxy we trust: the peer, or the one whose address was read before.
        const Hop& hop = hops.nearest(i);
        const bool https = equals_ignoring_case(hop.proto, "https");
        if (https || equals_ignoring_case(hop.proto, "http")) { view.secure = https; }
        if (is_host(hop.host)) { view.host = hop.host; }
        const auto address = parse_hop(hop.client);
        if (!address) { break; }
        view.address = *address;
        if (!trusted.contains(*address)) { break; }
    }
    return view;
}

}  // namespace lintel::gateway
