// Request heads and bodies: however the bytes are cut, the parser says the same; what it accepted
// can be written again, and reads as the same request.
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

using http::Field;
using http::RequestHead;
using http::http1::BodyDecoder;
using http::http1::ChunkDecoder;
using http::http1::HeadWriter;
using http::http1::Progress;
using http::http1::RequestParser;

struct Parsed {
    Progress progress = Progress::More;
    std::string shown;  ///< everything the head says, as text
    std::size_t consumed = 0;
};

std::string show(const RequestHead& head) {
    std::string text(head.method);
    text.append(" ").append(head.target).append(" ").append(head.host);
    text += head.version == http::Version::Http11 ? " 1.1 " : " 1.0 ";
    text += std::to_string(static_cast<int>(head.framing.kind)) + "/" +
            std::to_string(head.framing.length);
    for (const Field& field : head.fields) {
        text.append("\n").append(field.name).append(": ").append(field.value);
    }
    return text;
}

/// Feeds `bytes` in pieces of `step`, growing the view as a connection would.
Parsed parse(std::string_view bytes, std::size_t step) {
    RequestParser parser{http::http1::HeadLimits{}};
    RequestHead head;
    Parsed parsed;
    for (std::size_t have = 0; have < bytes.size() && parsed.progress == Progress::More;) {
        have = std::min(bytes.size(), have + step);
        parsed.progress = parser.parse(bytes.substr(0, have), head);
    }
    if (parsed.progress == Progress::Done) {
        parsed.shown = show(head);
        parsed.consumed = parser.consumed();
    }
    return parsed;
}

/// The whole body, or nothing when it is refused or not complete.
std::optional<std::string> take_body(const http::Framing& framing, std::string_view bytes,
                                     std::size_t step) {
    BodyDecoder decoder;
    decoder.begin(framing);
    std::string body;
    std::size_t have = std::min(step, bytes.size());
    std::size_t at = 0;
    while (!decoder.ended()) {
        const auto next = decoder.decode(bytes.substr(at, have - at));
        require(next.consumed <= have - at, "a decoder takes no more than it was given");
        body += next.data;
        at += next.consumed;
        if (next.status == ChunkDecoder::Status::Bad) { return std::nullopt; }
        if (next.status == ChunkDecoder::Status::More) {
            if (have == bytes.size()) { return std::nullopt; }
            have = std::min(bytes.size(), have + step);
        }
    }
    return body;
}

void require_same_when_written_again(const RequestHead& head) {
    std::array<char, 160U << 10> buffer;
    HeadWriter writer(buffer);
    const std::size_t query = head.target.find('?');
    writer.request_line(
        head.method, head.target.substr(0, query),
        query == std::string_view::npos ? std::string_view() : head.target.substr(query + 1));
    writer.field("Host", head.host);
    for (const Field& field : head.fields) {
        // Host was written first, and framing() writes the length.
        if (field.id == http::HeaderId::Host || field.id == http::HeaderId::ContentLength) {
            continue;
        }
        writer.field(field.name, field.value);
    }
    writer.framing(head.framing);
    const bool written = writer.finish();
    require(written || !writer.fits() || head.host.empty(), "what was accepted can be written");
    if (!written || head.host.empty() || head.version != http::Version::Http11) { return; }
    RequestParser again{http::http1::HeadLimits{.fields = 128, .head_bytes = 160U << 10}};
    RequestHead read;
    const auto progress = again.parse(std::string_view(buffer.data(), writer.size()), read);
    require(progress == Progress::Done, "what was written can be read");
    require(read.method == head.method, "the method stays");
    require(read.framing.kind == head.framing.kind && read.framing.length == head.framing.length,
            "the framing stays");
}

}  // namespace
}  // namespace lintel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel::fuzz;
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t step = size == 0 ? 1 : 1 + data[size - 1] % 13;
    const Parsed whole = parse(bytes, bytes.size() + 1);
    const Parsed pieces = parse(bytes, step);
    require(whole.progress == pieces.progress, "pieces and whole end alike");
    require(whole.shown == pieces.shown, "pieces and whole say the same");
    require(whole.consumed == pieces.consumed, "pieces and whole take the same bytes");
    if (whole.progress != Progress::Done) { return 0; }

    RequestParser parser{lintel::http::http1::HeadLimits{}};
    RequestHead head;
    parser.parse(bytes, head);
    require_same_when_written_again(head);
    const std::string_view rest = std::string_view(bytes).substr(parser.consumed());
    require(take_body(head.framing, rest, rest.size() + 1) == take_body(head.framing, rest, step),
            "a body is the same in pieces");
    return 0;
}
