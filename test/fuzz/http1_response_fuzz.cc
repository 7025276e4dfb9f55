// Answers of backends: however the bytes are cut, the parser says the same.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "http/http1.h"
#include "require.h"

namespace lintel::fuzz {
namespace {

using http::ResponseHead;
using http::http1::Progress;
using http::http1::ResponseParser;

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

struct Parsed {
    Progress progress = Progress::More;
    std::string shown;
};

Parsed parse(std::string_view bytes, bool to_head, std::size_t step) {
    ResponseParser parser{http::http1::HeadLimits{}};
    ResponseHead head;
    Parsed parsed;
    for (std::size_t have = 0; have < bytes.size() && parsed.progress == Progress::More;) {
        have = std::min(bytes.size(), have + step);
        parsed.progress = parser.parse(bytes.substr(0, have), to_head, head);
    }
    if (parsed.progress != Progress::Done) { return parsed; }
    require(head.status >= 100 && head.status <= 999, "a status has three digits");
    require(parser.consumed() <= bytes.size(), "no more is taken than was given");
    parsed.shown = std::to_string(head.status) + "/" +
                   std::to_string(static_cast<int>(head.framing.kind)) + "/" +
                   std::to_string(head.framing.length) + "/" + std::to_string(parser.consumed());
    for (const http::Field& field : head.fields) {
        require(std::ranges::all_of(field.name, is_token_character), "a field name is a token");
        require(std::ranges::none_of(field.value, is_control), "a field value holds no controls");
        parsed.shown.append("\n").append(field.name).append(": ").append(field.value);
    }
    return parsed;
}

}  // namespace
}  // namespace lintel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel::fuzz;
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t step = size == 0 ? 1 : 1 + data[size - 1] % 13;
    for (const bool to_head : {false, true}) {
        const Parsed whole = parse(bytes, to_head, bytes.size() + 1);
        const Parsed pieces = parse(bytes, to_head, step);
        require(whole.progress == pieces.progress, "pieces and whole end alike");
        require(whole.shown == pieces.shown, "pieces and whole say the same");
    }
    return 0;
}
