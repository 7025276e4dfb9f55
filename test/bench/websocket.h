// As much of WebSocket (RFC 6455) as an echo needs: the handshake with the key and the answer that
// the RFC itself gives as its example, and frames of at most kMaxPayload bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lintel::bench {

inline constexpr std::string_view kWebSocketKey = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view kWebSocketSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Longer ones have another head.
inline constexpr std::size_t kMaxPayload = 125;
inline constexpr std::size_t kMaskBytes = 4;
inline constexpr std::size_t kServerHead = 2;
inline constexpr std::size_t kClientHead = kServerHead + kMaskBytes;
inline constexpr char kWholeBinaryMessage = '\x82';
inline constexpr unsigned char kMasked = 0x80;

inline std::string client_frame(std::string_view payload) {
    constexpr std::string_view mask = "\x37\xfa\x21\x3d";
    std::string frame = {kWholeBinaryMessage, static_cast<char>(kMasked | payload.size())};
    frame += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) {
        frame += static_cast<char>(payload[i] ^ mask[i % kMaskBytes]);
    }
    return frame;
}

inline std::string server_frame(std::string_view payload) {
    return std::string{kWholeBinaryMessage, static_cast<char>(payload.size())} +
           std::string(payload);
}

/// Appends the answer to each complete client frame; the bytes those took.
inline std::size_t echo_frames(std::string_view bytes, std::string& answers) {
    std::size_t taken = 0;
    while (bytes.size() - taken >= kClientHead) {
        const std::string_view frame = bytes.substr(taken);
        const std::size_t size = static_cast<unsigned char>(frame[1]) & kMaxPayload;
        if (frame.size() < kClientHead + size) { break; }
        answers += {frame[0], static_cast<char>(size)};
        for (std::size_t i = 0; i < size; ++i) {
            answers +=
                static_cast<char>(frame[kClientHead + i] ^ frame[kServerHead + i % kMaskBytes]);
        }
        taken += kClientHead + size;
    }
    return taken;
}

}  // namespace lintel::bench
