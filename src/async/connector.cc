#include "async/connector.h"

#include <fmt/format.h>

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

}  // namespace

std::string_view Connector::refusal_for(const IpAddress& address, std::uint16_t port) const {
    const IpAddress hidden = address.unwrapped();
    for (const IpAddress& candidate : {address, hidden}) {
        if (const auto reason = refusal_whatever_the_rule(candidate); !reason.empty()) {
            return reason;
        }
        if (const auto reason = rule_(candidate, port); !reason.empty()) { return reason; }
    }
    return {};
}

Task<Result<Connector::Connected>> Connector::connect(std::string host, std::uint16_t port,
                                                      Deadline deadline) {
    ASSIGN_OR_CO_RETURN(const Addresses addresses,
                        co_await resolver_.resolve(loop_, host, deadline));
    Error error{Code::BackendResolve, fmt::format("'{}' has no address", host)};
    for (const IpAddress& address : *addresses) {
        const SocketAddress to{address, port};
        if (const std::string_view reason = refusal_for(address, port); !reason.empty()) {
            error = {Code::BackendRefusedAddress, std::string(reason), to_string(to)};
            continue;
        }
        std::expected<Socket, int> socket = co_await async::connect(loop_, to, deadline);
        if (socket) { co_return Connected{*std::move(socket), to}; }
        const int reason = -socket.error();
        if (reason == ETIMEDOUT) {
            // The deadline is for all addresses together.
            co_return fail(Code::BackendTimeout, "connecting to the backend took too long",
                           to_string(to));
        }
        error = {Code::BackendConnect, fmt::format("'{}' refused the connection", host),
                 fmt::format("{}: {}", to_string(to), std::strerror(reason))};
        if (reason == EMFILE || reason == ENFILE) { error.message = "no descriptors are left"; }
    }
    co_return std::unexpected(std::move(error));
}

}  // namespace lintel::async
