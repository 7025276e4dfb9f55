#include "openapi/document.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace lintel::openapi {

std::string_view to_string(Location location) {
    switch (location) {
        case Location::Path: return "path";
        case Location::Query: return "query";
        case Location::Header: return "header";
    }
    return "query";
}

bool is_json(std::string_view media_type) {
    return media_type == "application/json" || media_type.ends_with("+json") ||
           media_type == "text/json";
}

bool is_form(std::string_view media_type) {
    return media_type == "application/x-www-form-urlencoded" || media_type == "multipart/form-data";
}

const MediaType* RequestBody::structured() const {
    const auto found = std::ranges::find_if(
        content, [](const MediaType& media) { return is_json(media.type) || is_form(media.type); });
    return found == content.end() ? nullptr : &*found;
}

std::string Operation::name() const {
    if (!summary.empty()) { return summary; }
    return operation_id.empty() ? method + " " + path : operation_id;
}

const Response* Operation::success() const {
    // "2XX" sorts behind every number, as it should.
    const Response* best = nullptr;
    for (const Response& response : responses) {
        if (!response.status.starts_with('2')) { continue; }
        const bool better = best == nullptr ||
                            (response.example.has_value() && !best->example.has_value()) ||
                            (response.example.has_value() == best->example.has_value() &&
                             response.status < best->status);
        if (better) { best = &response; }
    }
    return best;
}

std::optional<ServerAddress> absolute_server(std::string_view url) {
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos) { return std::nullopt; }
    ServerAddress address;
    address.scheme = to_lower(url.substr(0, colon));
    if (address.scheme != "http" && address.scheme != "https") { return std::nullopt; }
    std::string_view rest = url.substr(colon + 3);
    rest = rest.substr(0, rest.find_first_of("?#"));
    const std::string_view host = rest.substr(0, rest.find('/'));
    std::string_view path = rest.substr(host.size());
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    if (host.empty() || host.find_first_of(" @{}\\") != std::string_view::npos) {
        return std::nullopt;
    }
    address.base_url = fmt::format("{}://{}", address.scheme, to_lower(host));
    address.path = path;
    return address;
}

}  // namespace lintel::openapi
