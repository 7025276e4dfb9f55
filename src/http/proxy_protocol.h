// The PROXY protocol, versions 1 and 2: what a load balancer that passes connections on says before
// the first byte of each, so that we know who is behind it. The parser is strict and does no I/O.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>

#include "async/deadline.h"
#include "async/socket.h"
#include "async/task.h"
#include "base/error.h"

namespace lintel::http {

struct ProxyHeader {
    struct Ends {
        async::SocketAddress source;
        async::SocketAddress destination;
    };
    std::size_t size = 0;  ///< bytes it took
    /// Whose connection it is. Nothing: the load balancer speaks for itself (a health check) or
    /// cannot say, so the connection's own addresses hold.
    std::optional<Ends> ends;
};

/// Longer ones are refused: the addresses take 52 bytes, the rest is for additions (TLVs).
inline constexpr std::size_t kMaxProxyHeader = 4096;

/// Nothing: the bytes so far are the beginning of a header. The error says which rule they break.
std::expected<std::optional<ProxyHeader>, std::string_view> parse_proxy_header(
    std::string_view bytes);

/// Takes the header off a fresh connection and not one byte more. RequestMalformed or
/// RequestTimeout, ClientClosed when there is no (whole) header.
Task<Result<ProxyHeader>> read_proxy_header(async::Socket& socket, async::Deadline until);

}  // namespace lintel::http
