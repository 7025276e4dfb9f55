#include "gateway/domain.h"

#include <algorithm>
#include <utility>

namespace lintel::gateway {
namespace {

/// Whether the path is the prefix or lies below it; both canonical.
bool lies_below(std::string_view path, std::string_view prefix) {
    if (prefix == "/") { return path.starts_with('/'); }
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

const DomainMapping* Domain::mapping_of(std::string_view path) const {
    const auto found = std::ranges::find_if(mappings, [path](const DomainMapping& mapping) {
        return lies_below(path, mapping.prefix);
    });
    return found == mappings.end() ? nullptr : &*found;
}

DomainTable::DomainTable(std::vector<std::shared_ptr<const Domain>> domains)
    : all_(std::move(domains)) {
    for (const auto& domain : all_) {
        const std::string_view name = domain->name;
        if (name.starts_with("*.")) {
            wildcards_.emplace(name.substr(2), domain.get());
        } else {
            exact_.emplace(name, domain.get());
        }
    }
}

const Domain* DomainTable::find(std::string_view host) const {
    if (const auto found = exact_.find(host); found != exact_.end()) { return found->second; }
    if (wildcards_.empty()) { return nullptr; }
    for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
        const auto found = wildcards_.find(host.substr(dot + 1));
        if (found != wildcards_.end()) { return found->second; }
    }
    return nullptr;
}

}  // namespace lintel::gateway
