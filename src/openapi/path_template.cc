#include "openapi/path_template.h"

#include <fmt/core.h>

#include <algorithm>

namespace lintel::openapi {

Result<PathTemplate> parse_path_template(std::string_view path) {
    PathTemplate result;
    if (!path.starts_with('/')) { return fail(Code::FileInvalid, "a path must start with '/'"); }
    while (!path.empty()) {
        const std::size_t brace = std::min(path.find_first_of("{}"), path.size());
        result.shape += path.substr(0, brace);
        path.remove_prefix(brace);
        if (path.empty()) { break; }
        const std::size_t end = path.find('}');
        if (path.front() == '}' || end == std::string_view::npos) {
            return fail(Code::FileInvalid, "the braces of the path do not match");
        }
        std::string_view name = path.substr(1, end - 1);
        path.remove_prefix(end + 1);
        const bool rest = name.ends_with('+');
        if (rest) { name.remove_suffix(1); }
        if (name.empty() || name.find_first_of("{/") != std::string_view::npos) {
            return fail(Code::FileInvalid,
                        "the braces of the path must hold the name of a parameter");
        }
        if (rest && (!path.empty() || !result.shape.ends_with('/'))) {
            return fail(Code::FileInvalid,
                        "only a last segment may take the rest of the path: /{name+}");
        }
        if (std::ranges::find(result.names, name) != result.names.end()) {
            return fail(Code::FileInvalid,
                        fmt::format("the parameter '{}' stands in the path twice", name));
        }
        result.names.emplace_back(name);
        result.takes_rest = rest;
        result.shape += rest ? "{+}" : "{}";
    }
    return result;
}

std::optional<std::string_view> never_callable(std::string_view path) {
    // What stands between braces is a name, not part of a request.
    bool name = false;
    for (const char c : path) {
        name = c == '{' || (name && c != '}');
        if (name) { continue; }
        if (c == '?' || c == '#') { return "no path of a request has a '?' or '#'"; }
        if (c == ' ' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            return "no path of a request has a space, a backslash or a control character";
        }
    }
    if (path == "/-" || path.starts_with("/-/")) {
        return "paths below /-/ belong to the gateway itself";
    }
    return std::nullopt;
}

}  // namespace lintel::openapi
