#include "async/connector.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "async/socket_address.h"

namespace lintel::async {
namespace {

std::string_view refusal_whatever_the_rule(const IpAddress& address) {
    if (address.is_unspecified()) { return "the unspecified address is never a backend"; }
    if (address.is_multicast()) { return "multicast and reserved addresses are never backends"; }
    if (address.is_link_local()) {
        return "link-local addresses (cloud metadata) are never backends";
    }
    return {};
}

/// An address gets at least this long, if there is that much.
constexpr std::uint64_t kLeastShareMs = 250;

/// The addresses from one on, the families each for themselves: IPv4 stays first.
std::vector<IpAddress> from_one_on(const std::vector<IpAddress>& addresses, std::uint32_t turn) {
    std::vector<IpAddress> ordered = addresses;
    const auto v6 = std::ranges::find_if_not(ordered, &IpAddress::is_v4);
    const auto rotate = [turn](auto begin, auto end) {
        if (begin != end) { std::rotate(begin, begin + turn % (end - begin), end); }
    };
    rotate(ordered.begin(), v6);
    rotate(v6, ordered.end());
    return ordered;
}

}  // namespace

Deadline Connector::share_of(Deadline all, std::size_t addresses_left) const {
    const std::uint64_t now_ms = loop_.now_ms();
    if (all.is_never() || all.at_ms <= now_ms) { return all; }
    const std::uint64_t share_ms = (all.at_ms - now_ms) / addresses_left;
    return std::min(all, Deadline::at(now_ms + std::max(share_ms, kLeastShareMs)));
}

std::string_view refusal_for(const AddressRule& rule, const IpAddress& address,
                             std::uint16_t port) {
    const IpAddress hidden = address.unwrapped();
    for (const IpAddress& candidate : {address, hidden}) {
        if (const auto reason = refusal_whatever_the_rule(candidate); !reason.empty()) {
            return reason;
        }
        if (const auto reason = rule(candidate, port); !reason.empty()) { return reason; }
    }
    return {};
}

Task<Result<Connector::Connected>> Connector::connect(std::string host, std::uint16_t port,
                                                      Deadline deadline) {
    ASSIGN_OR_CO_RETURN(const Addresses addresses,
                        co_await resolver_.resolve(loop_, host, deadline));
    Error error{Code::BackendResolve, fmt::format("'{}' has no address", host)};
    // Mixed: two hosts that are called by turns would each begin with the same address always.
    const std::uint32_t turn = (turn_++ * 2654435761U) >> 8U;
    const std::vector<IpAddress> ordered = from_one_on(*addresses, turn);
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        const SocketAddress to{ordered[i], port};
        const IpAddress& address = ordered[i];
        if (const std::string_view reason = refusal_for(address, port); !reason.empty()) {
            error = {Code::BackendRefusedAddress, std::string(reason), to_string(to)};
            continue;
        }
        std::expected<Socket, int> socket =
            co_await async::connect(loop_, to, share_of(deadline, ordered.size() - i));
        if (socket) { co_return Connected{*std::move(socket), to}; }
        const int reason = -socket.error();
        if (reason == ETIMEDOUT) {
            error = {Code::BackendTimeout, "connecting to the backend took too long",
                     to_string(to)};
            if (loop_.now_ms() >= deadline.at_ms) { break; }
            continue;
        }
        error = {Code::BackendConnect, fmt::format("'{}' refused the connection", host),
                 fmt::format("{}: {}", to_string(to), std::strerror(reason))};
        if (reason == EMFILE || reason == ENFILE) { error.message = "no descriptors are left"; }
    }
    co_return std::unexpected(std::move(error));
}

}  // namespace lintel::async
