// The canonical path is a fixed point: what matching sees cannot be spelled another way.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "gateway/canonical_path.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lintel;
    using fuzz::require;
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    Arena arena;
    if (const auto once = gateway::canonical_path(raw, arena)) {
        const std::string path(once->path);
        const auto twice = gateway::canonical_path(path, arena);
        require(twice.has_value(), "a canonical path is acceptable");
        require(twice->path == path, "a canonical path is canonical");
        require(twice->encoded_slash == once->encoded_slash, "an encoded slash stays known");
        require(path.starts_with('/'), "a path starts with a slash");
        require(path.find("//") == std::string::npos, "no empty segment in the middle");
        require((path + "/").find("/../") == std::string::npos, "nothing climbs");
        require((path + "/").find("/./") == std::string::npos, "nothing stands still");
        require(path.find_first_of("\\#? ") == std::string::npos, "no byte that ends a path");
        require(std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7F; }),
                "printable characters only");
        for (const char* triplet : {"%00", "%0A", "%0D", "%2E", "%5C", "%7E", "%41"}) {
            require(path.find(triplet) == std::string::npos, "no triplet that hides a character");
        }
        require((path.find("%2F") != std::string::npos) == once->encoded_slash,
                "an encoded slash is told");
    }
    if (const auto host = gateway::canonical_host(raw, arena)) {
        const std::string text(*host);
        const auto again = gateway::canonical_host(text, arena);
        require(again.has_value() && *again == text, "a canonical host is canonical");
    }
    return 0;
}
