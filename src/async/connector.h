// The one way out: every connection that a request or flow causes is opened here, and the decision
// whether an address may be reached is taken on the resolved address right before connect, never on
// a name.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "async/resolver.h"
#include "async/socket.h"

namespace lintel::async {

/// Says why an address must not be reached; empty = it may. Called on the loop's thread.
using AddressRule = std::function<std::string_view(const IpAddress&, std::uint16_t port)>;

/// Empty when the address may be reached, else the reason. Unspecified, multicast and link-local
/// addresses are refused whatever the rule says, and an IPv4 address hidden in an IPv6 one (mapped,
/// NAT64, 6to4) is judged like the address itself.
std::string_view refusal_for(const AddressRule& rule, const IpAddress& address, std::uint16_t port);

/// One per worker.
class Connector {
public:
    Connector(Loop& loop, Resolver& resolver, AddressRule rule)
        : loop_(loop), resolver_(resolver), rule_(std::move(rule)) {}

    struct Connected {
        Socket socket;
        SocketAddress address;
    };
    /// Tries the addresses of the host one after the other, IPv4 before IPv6, beginning with
    /// another one each time, so that all of them are used; each gets its share of the time, so
    /// that a dead one does not use up all of it. Errors: BackendResolve, BackendRefusedAddress (no
    /// address is allowed), BackendConnect, BackendTimeout.
    Task<Result<Connected>> connect(std::string host, std::uint16_t port, Deadline deadline);
    std::string_view refusal_for(const IpAddress& address, std::uint16_t port) const {
        return async::refusal_for(rule_, address, port);
    }
    Loop& loop() const { return loop_; }

private:
    Deadline share_of(Deadline all, std::size_t addresses_left) const;

    Loop& loop_;
    Resolver& resolver_;
    AddressRule rule_;
    std::uint32_t turn_ = 0;
};

}  // namespace lintel::async
