#include "http/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "async/buffer.h"
#include "base/text.h"

namespace lintel::http {
namespace {

using async::SocketAddress;
using Parsed = std::expected<std::optional<ProxyHeader>, std::string_view>;

constexpr Parsed kMore = std::nullopt;

Parsed broken(std::string_view rule) {
    return std::unexpected(rule);
}

/// Whether the bytes are the whole text, or begin like it.
bool begins_like(std::string_view bytes, std::string_view text) {
    return bytes.substr(0, text.size()) == text.substr(0, bytes.size());
}

// ---- version 1: a line of text ------------------------------------------------------------------

constexpr std::string_view kWord = "PROXY ";
constexpr std::size_t kMaxLine = 107;  ///< with its line end; fixed by the protocol

std::optional<std::uint16_t> parse_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) {
        return std::nullopt;
    }
    std::uint32_t port = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') { return std::nullopt; }
        port = port * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (port > 65'535) { return std::nullopt; }
    return static_cast<std::uint16_t>(port);
}

std::optional<IpAddress> parse_address(std::string_view text, bool v6) {
    if ((text.find(':') != std::string_view::npos) != v6) { return std::nullopt; }
    return IpAddress::parse(text);
}

/// `words`: what stands behind "PROXY ", without the line end.
Parsed parse_words(std::string_view words, std::size_t size) {
    std::array<std::string_view, 5> parts;
    std::size_t count = 0;
    for (const std::string_view part : split(words, ' ')) {
        if (count < parts.size()) { parts[count] = part; }
        ++count;
    }
    // Behind UNKNOWN the sender may put anything; it says nothing.
    if (parts[0] == "UNKNOWN") { return ProxyHeader{.size = size, .ends = {}}; }
    const bool v6 = parts[0] == "TCP6";
    if (!v6 && parts[0] != "TCP4") { return broken("the family is not TCP4, TCP6 or UNKNOWN"); }
    if (count != parts.size()) { return broken("the line does not have two addresses and ports"); }
    const auto source = parse_address(parts[1], v6);
    const auto destination = parse_address(parts[2], v6);
    if (!source || !destination) { return broken("an address is not one of its family"); }
    const auto source_port = parse_port(parts[3]);
    const auto destination_port = parse_port(parts[4]);
    if (!source_port || !destination_port) { return broken("a port is not a plain number"); }
    return ProxyHeader{.size = size,
                       .ends = {{{*source, *source_port}, {*destination, *destination_port}}}};
}

Parsed parse_line(std::string_view bytes) {
    const std::string_view line = bytes.substr(0, kMaxLine);
    const std::size_t end = line.find('\n');
    if (end == std::string_view::npos) {
        return bytes.size() < kMaxLine ? kMore : broken("the line is too long");
    }
    if (line[end - 1] != '\r' || line.find('\r') != end - 1) {
        return broken("the line does not end with CR LF");
    }
    return parse_words(line.substr(kWord.size(), end - 1 - kWord.size()), end + 1);
}

// ---- version 2: binary --------------------------------------------------------------------------

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedPart = 16;
constexpr unsigned kLocal = 0x20;
constexpr unsigned kProxy = 0x21;
constexpr unsigned kUnspecified = 0x00;
constexpr unsigned kTcp4 = 0x11;
constexpr unsigned kTcp6 = 0x21;
constexpr unsigned kUnixStream = 0x31;
constexpr std::size_t kUnixAddresses = 216;
constexpr unsigned kTlvChecksum = 0x03;

unsigned byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(byte_at(bytes, at) << 8U | byte_at(bytes, at + 1));
}

IpAddress v4_at(std::string_view bytes, std::size_t at) {
    return IpAddress::v4(static_cast<std::uint32_t>(number_at(bytes, at)) << 16U |
                         number_at(bytes, at + 2));
}

IpAddress v6_at(std::string_view bytes, std::size_t at) {
    IpAddress::Bytes all;
    std::memcpy(all.data(), bytes.data() + at, all.size());
    return IpAddress::from_bytes(all);
}

/// CRC-32C over the header with the checksum's own four bytes taken as zero.
std::uint32_t checksum(std::string_view header, std::size_t own_place) {
    constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;
    std::uint32_t crc = 0xFFFFFFFF;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const bool own = i >= own_place && i < own_place + 4;
        crc ^= own ? 0U : byte_at(header, i);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kReversedPolynomial : 0U);
        }
    }
    return ~crc;
}

/// Empty, or the rule that the additions from `at` to the end of the header break.
std::string_view fault_of_additions(std::string_view header, std::size_t at) {
    while (at < header.size()) {
        if (header.size() - at < 3) { return "an addition is cut short"; }
        const unsigned type = byte_at(header, at);
        const std::size_t size = number_at(header, at + 1);
        at += 3;
        if (header.size() - at < size) { return "an addition is longer than the header"; }
        if (type == kTlvChecksum) {
            if (size != 4) { return "the checksum does not have four bytes"; }
            const std::uint32_t told = static_cast<std::uint32_t>(number_at(header, at)) << 16U |
                                       number_at(header, at + 2);
            if (told != checksum(header, at)) { return "the checksum is wrong"; }
        }
        at += size;
    }
    return {};
}

Parsed parse_binary(std::string_view bytes) {
    if (bytes.size() < kFixedPart) { return kMore; }
    const unsigned command = byte_at(bytes, 12);
    const unsigned family = byte_at(bytes, 13);
    if (command != kLocal && command != kProxy) {
        return broken("it is not version 2 with the command LOCAL or PROXY");
    }
    const std::size_t size = kFixedPart + number_at(bytes, 14);
    if (size > kMaxProxyHeader) { return broken("the header is too long"); }
    if (bytes.size() < size) { return kMore; }
    const std::string_view header = bytes.substr(0, size);
    // LOCAL and an unspecified family: whatever else stands there is to be ignored.
    ProxyHeader read{.size = size, .ends = {}};
    if (command == kLocal || family == kUnspecified) { return read; }

    std::size_t addresses = 0;
    if (family == kTcp4) {
        addresses = 12;
    } else if (family == kTcp6) {
        addresses = 36;
    } else if (family == kUnixStream) {
        addresses = kUnixAddresses;
    } else {
        return broken("the family is not that of a stream");
    }
    const std::size_t at = kFixedPart;
    if (size < at + addresses) { return broken("the header is shorter than its addresses"); }
    if (family == kTcp4) {
        read.ends = {{v4_at(header, at), number_at(header, at + 8)},
                     {v4_at(header, at + 4), number_at(header, at + 10)}};
    } else if (family == kTcp6) {
        read.ends = {{v6_at(header, at), number_at(header, at + 32)},
                     {v6_at(header, at + 16), number_at(header, at + 34)}};
    }
    const std::string_view fault = fault_of_additions(header, at + addresses);
    if (!fault.empty()) { return broken(fault); }
    return read;
}

}  // namespace

Parsed parse_proxy_header(std::string_view bytes) {
    if (bytes.empty()) { return kMore; }
    if (begins_like(bytes, kWord)) {
        return bytes.size() < kWord.size() ? kMore : parse_line(bytes);
    }
    if (begins_like(bytes, kSignature)) { return parse_binary(bytes); }
    return broken("the connection does not begin with a PROXY header");
}

Task<Result<ProxyHeader>> read_proxy_header(async::Socket& socket, async::Deadline until) {
    async::Buffer buffer = async::Buffer::lend(async::Buffer::kSmall);
    const std::span<char> room = buffer.span().first(kMaxProxyHeader);
    std::size_t before = 0;
    async::IoResult ready = co_await socket.readable(until);
    while (ready == 0) {
        // Only looked at: what comes behind the header belongs to TLS or to the request parser.
        const async::IoResult arrived = socket.peek(room);
        if (arrived < 0) { break; }
        const std::string_view bytes(room.data(), static_cast<std::size_t>(arrived));
        const Parsed parsed = parse_proxy_header(bytes);
        if (!parsed) { co_return fail(Code::RequestMalformed, std::string(parsed.error())); }
        if (const auto& header = *parsed) {
            const std::span<char> taken = room.first(header->size);
            if (co_await socket.recv(taken, until) != static_cast<async::IoResult>(header->size)) {
                break;
            }
            co_return *header;
        }
        if (socket.has_ended() && bytes.size() == before) { break; }
        before = bytes.size();
        ready = co_await socket.more(until);
    }
    if (ready == -ETIMEDOUT) {
        co_return fail(Code::RequestTimeout, "the PROXY header did not arrive in time");
    }
    co_return fail(Code::ClientClosed, "the connection ended inside the PROXY header");
}

}  // namespace lintel::http
