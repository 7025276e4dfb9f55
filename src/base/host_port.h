// "host:port" as people write it: backend addresses and servers of upstreams.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace lintel {

struct HostPort {
    std::string host;        ///< name or literal address, without brackets
    std::uint16_t port = 0;  ///< 0 = none was given
};

struct HostPortFault {
    bool in_port = false;     ///< else in the host
    std::string_view detail;  ///< a sentence without its subject
};

/// One to five digits.
bool is_port(std::string_view text);

/// "host", "host:8080", "10.0.0.7:80", "[::1]:8080".
std::expected<HostPort, HostPortFault> parse_host_port(std::string_view text);

}  // namespace lintel
