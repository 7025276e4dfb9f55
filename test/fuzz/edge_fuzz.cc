// What load balancers and proxies say about the client: PROXY headers, X-Forwarded-For, Forwarded.
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/client_address.h"
#include "http/proxy_protocol.h"
#include "require.h"

namespace lintel::fuzz {
namespace {

void read_proxy_headers(std::string_view bytes) {
    const auto whole = http::parse_proxy_header(bytes);
    if (!whole) {
        require(!whole.error().empty(), "a refusal names the rule");
    } else if (const auto& header = *whole) {
        require(header->size <= bytes.size(), "no more is taken than was given");
        require(header->size <= http::kMaxProxyHeader, "a header has a limit");
        const auto alone = http::parse_proxy_header(bytes.substr(0, header->size));
        require(alone.has_value() && alone->has_value(), "what comes behind it changes nothing");
        require((*alone)->ends.has_value() == header->ends.has_value(), "it says the same alone");
        for (std::size_t size = 0; size < header->size; ++size) {
            const auto part = http::parse_proxy_header(bytes.substr(0, size));
            require(part.has_value() && !part->has_value(), "a part of it is waited for");
        }
    }
}

void believe(std::string_view value, gateway::TrustedProxies::Header header) {
    http::RequestHead head;
    head.fields.add(
        header == gateway::TrustedProxies::Header::Forwarded ? "Forwarded" : "X-Forwarded-For",
        value);
    const gateway::TrustedProxies trusted{.ranges = {*IpRange::parse("10.0.0.0/8")},
                                          .header = header};
    http::Peer stranger;
    stranger.address = *IpAddress::parse("203.0.113.7");
    require(gateway::client_view(head, stranger, trusted).address == stranger.address,
            "a stranger is who he is");
    http::Peer proxy;
    proxy.address = *IpAddress::parse("10.0.0.1");
    const auto view = gateway::client_view(head, proxy, trusted);
    require(view.by_proxy, "a trusted proxy is known");
    require(view.host.find_first_of("\r\n \"") == std::string_view::npos, "a host is a host");
}

}  // namespace
}  // namespace lintel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    fuzz::read_proxy_headers(bytes);
    fuzz::believe(bytes, gateway::TrustedProxies::Header::XForwardedFor);
    fuzz::believe(bytes, gateway::TrustedProxies::Header::Forwarded);
    if (const auto address = gateway::parse_hop(bytes)) {
        fuzz::require(gateway::parse_hop(address->to_string()) == address,
                      "an address reads what it wrote");
    }
    return 0;
}
