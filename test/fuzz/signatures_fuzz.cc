// What a client may have signed: every spelling means the request that was sent, and no other. The
// input is a path, a query and header lines, a line each.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/hmac/candidates.h"
#include "auth/hmac/presented.h"
#include "base/ascii.h"
#include "base/text.h"
#include "data/parameter_style.h"
#include "require.h"

namespace lintel::fuzz {
namespace {

std::string_view next_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

bool holds(const auth::Spellings& spellings, std::string_view text) {
    return std::ranges::find(spellings.texts(), text) != spellings.texts().end();
}

std::ptrdiff_t controls(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void spell_path(std::string_view raw) {
    Arena arena;
    const auth::Spellings spellings = auth::path_spellings(raw, arena);
    require(holds(spellings, raw.empty() ? "/" : raw), "the path as sent may be signed");
    const std::string meant = data::percent_decode(raw, false);
    for (const std::string_view spelling : spellings.texts()) {
        if (raw.empty()) { continue; }
        require(data::percent_decode(spelling, false) == meant, "a spelling is the same path");
        require(controls(spelling) == controls(raw), "decoding makes no control");
        require(std::ranges::count(spelling, '/') == std::ranges::count(raw, '/'),
                "decoding makes no segment");
    }
}

void spell_query(std::string_view raw) {
    for (const auto forms :
         {auth::CanonicalQuery::EncodedOnly, auth::CanonicalQuery::AlsoUnencoded}) {
        Arena arena;
        const auth::Spellings spellings = auth::query_spellings(raw, forms, arena);
        require(holds(spellings, raw), "the query as sent may be signed");
        for (const std::string_view spelling : spellings.texts()) {
            require(controls(spelling) <= controls(raw), "decoding makes no control");
        }
    }
    Arena arena;
    const auth::SortedQuery sorted(raw, arena);
    if (!sorted.is_usable()) { return; }
    const std::string canonical(sorted.encoded(arena));
    const auth::SortedQuery again(canonical, arena);
    require(again.is_usable(), "a canonical query is usable");
    require(again.encoded(arena) == canonical, "a canonical query is canonical");
}

void read_fields(std::string_view text) {
    http::Fields fields;
    while (!text.empty()) {
        const std::string_view line = next_line(text);
        const std::size_t colon = std::min(line.find(':'), line.size());
        fields.add(line.substr(0, colon), trim(line.substr(std::min(line.size(), colon + 1))));
    }
    const auto presented = auth::read_presented(fields);
    if (!presented) {
        const gateway::Refusal& refusal = presented.error();
        require(!refusal.reason.empty() || !refusal.detail.empty() || !refusal.got.empty(),
                "a refusal has a reason");
        return;
    }
    require(!presented->access_key.empty(), "what is presented has an access key");
    Arena arena;
    const auto lines = auth::read_signed_headers(presented->signed_headers, fields, arena);
    require(lines.lines.empty() || lines.lines.ends_with('\n'), "each signed line ends");
}

}  // namespace
}  // namespace lintel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel::fuzz;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    spell_path(next_line(text));
    spell_query(next_line(text));
    read_fields(text);
    return 0;
}
