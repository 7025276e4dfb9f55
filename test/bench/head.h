// As much of an HTTP/1.1 head as the programs of the bench need.
#pragma once

#include <strings.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace lintel::bench {

inline constexpr std::string_view kLineEnd = "\r\n";
inline constexpr std::string_view kHeadEnd = "\r\n\r\n";

/// The value of a field without the spaces before it, or nothing. `name` ends with the colon; each
/// line of `head` with kLineEnd.
inline std::string_view field(std::string_view head, std::string_view name) {
    std::size_t line = 0;
    while ((line = head.find(kLineEnd, line)) != std::string_view::npos) {
        line += kLineEnd.size();
        std::string_view rest = head.substr(line);
        if (rest.size() >= name.size() && strncasecmp(rest.data(), name.data(), name.size()) == 0) {
            rest = rest.substr(name.size(), rest.find(kLineEnd) - name.size());
            return rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
        }
    }
    return {};
}

}  // namespace lintel::bench
