#include "http/http1.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace lintel::http::http1 {
namespace {

struct Decoded {
    std::string data;
    std::string end;  ///< "end", "more" or the broken rule
    std::size_t consumed = 0;
    bool operator==(const Decoded&) const = default;
};
Decoded decode(std::string_view bytes, std::size_t step) {
    ChunkDecoder decoder;
    Decoded decoded;
    std::size_t have = std::min(step, bytes.size());
    while (true) {
        const auto one = decoder.decode(bytes.substr(decoded.consumed, have - decoded.consumed));
        decoded.consumed += one.consumed;
        decoded.data += one.data;
        if (one.status == ChunkDecoder::Status::End) {
            decoded.end = "end";
            return decoded;
        }
        if (one.status == ChunkDecoder::Status::Bad) {
            decoded.end = decoder.fault();
            decoded.consumed = 0;
            return decoded;
        }
        if (one.status == ChunkDecoder::Status::More && decoded.consumed == have) {
            if (have == bytes.size()) {
                decoded.end = "more";
                return decoded;
            }
            have = std::min(have + step, bytes.size());
        }
    }
}

TEST(ChunkDecoder, TakesTheCodingOffInPiecesOfAnySize) {
    const std::string bytes =
        "3\r\nabc\r\n00A;name=\"v\"\r\n0123456789\r\n0;x\r\nTrailer: dropped\r\n\r\nGET";
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
        EXPECT_EQ(decode(bytes, step), (Decoded{"abc0123456789", "end", bytes.size() - 3})) << step;
    }
}

TEST(ChunkDecoder, RefusesWhatIsNotExactlyChunked) {
    const std::vector<std::string> bad = {
        "\r\nabc\r\n0\r\n\r\n",
        "x\r\n",
        "0x3\r\n",
        "-3\r\n",
        "+3\r\n",
        " 3\r\n",
        "3 \r\n",
        "3\nabc\r\n",
        "3\r\nabc0\r\n\r\n",
        "3\r\nabcd\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3;a\nb\r\n",
        "3;\x01\r\nabc\r\n",
        "1234567890abcdef\r\n",
        "3;" + std::string(300, 'a'),
        "0\r\n X: y\r\n\r\n",
        "0\r\nX y\r\n\r\n",
        "0\r\nX: \x01\r\n\r\n",
        "0\r\n\n",
        "0\r\n\rx",
        "0\r\nX: y\n\r\n",
        "0\r\nX: " + std::string(9000, 'a'),
        "3\r\rabc\r\n",
    };
    for (const std::string& bytes : bad) {
        const Decoded whole = decode(bytes, bytes.size());
        EXPECT_TRUE(whole.end != "end" && whole.end != "more") << bytes << " -> " << whole.end;
        EXPECT_EQ(decode(bytes, 1), whole) << bytes;
    }
}

TEST(ChunkDecoder, TakesTheLargestSizeThatIsAllowed) {
    EXPECT_EQ(decode("fffffffffffffff\r\nab", 1), (Decoded{"ab", "more", 19}));
}

}  // namespace
}  // namespace lintel::http::http1
