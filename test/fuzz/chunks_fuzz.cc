// The chunked coding: however the bytes are cut, the same body comes out; written again it reads
// the same.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/http1.h"
#include "require.h"

namespace lintel::fuzz {
namespace {

using http::http1::ChunkDecoder;

struct Decoded {
    std::optional<std::string> body;  ///< nothing: refused, or not complete
    std::size_t consumed = 0;
};

Decoded decode(std::string_view bytes, std::size_t step) {
    ChunkDecoder decoder;
    Decoded decoded{.body = std::string()};
    std::size_t have = 0;
    while (true) {
        const auto next = decoder.decode(bytes.substr(decoded.consumed, have - decoded.consumed));
        require(next.consumed <= have - decoded.consumed, "no more is taken than was given");
        decoded.consumed += next.consumed;
        *decoded.body += next.data;
        if (next.status == ChunkDecoder::Status::End) { return decoded; }
        if (next.status == ChunkDecoder::Status::Bad) {
            require(!decoder.fault().empty(), "a refusal names the rule");
            return {};
        }
        if (next.status == ChunkDecoder::Status::More) {
            if (have == bytes.size()) { return {}; }
            have = std::min(bytes.size(), have + step);
        }
    }
}

std::string encode(std::string_view body, std::size_t step) {
    std::string text;
    std::array<char, 18> size{};
    for (std::size_t at = 0; at < body.size(); at += step) {
        const std::string_view chunk = body.substr(at, step);
        text.append(size.data(), http::http1::write_chunk_size(size, chunk.size()));
        text.append(chunk).append("\r\n");
    }
    return text + "0\r\n\r\n";
}

}  // namespace
}  // namespace lintel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel::fuzz;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t step = size == 0 ? 1 : 1 + data[size - 1] % 13;
    const Decoded whole = decode(bytes, bytes.size() + 1);
    const Decoded pieces = decode(bytes, step);
    require(whole.body == pieces.body, "pieces and whole give the same body");
    require(whole.consumed == pieces.consumed, "pieces and whole take the same bytes");
    if (!whole.body) { return 0; }
    const std::string again = encode(*whole.body, step);
    const Decoded read = decode(again, 7);
    require(read.body == whole.body, "what was written reads the same");
    require(read.consumed == again.size(), "what was written is read to its end");
    return 0;
}
