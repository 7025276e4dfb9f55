#include "gateway/route_table.h"

#include <fmt/core.h>

#include <unordered_map>
#include <utility>

namespace lintel::gateway {

/// One service in one environment with its index: the unit that releases share.
struct RouteTable::Entry {
    explicit Entry(std::shared_ptr<const CompiledService> of)
        : service(std::move(of)),
          key(fmt::format("{}/{}", service->environment, service->code)),
          index(service->routes) {}

    std::shared_ptr<const CompiledService> service;
    std::string key;
    PathIndex index;
};

/// Keys point into the entries: "release/pets", as it stands in a path.
struct RouteTable::Shard {
    std::unordered_map<std::string_view, std::shared_ptr<const Entry>> entries;
};

namespace {

constexpr std::size_t kMaxKeyLength = 96;  // 16 + "." + 16 + "/" + 40 and some air

/// "release/pets" of "/release/pets/x"; empty when the path has less than two segments.
std::string_view key_in(std::string_view path) {
    const auto slash = path.find('/', 1);
    if (slash == std::string_view::npos) { return {}; }
    const auto end = path.find('/', slash + 1);
    return path.substr(1, end == std::string_view::npos ? end : end - 1);
}

std::size_t shard_of(std::string_view key) {
    return std::hash<std::string_view>{}(key) >> 56;
}

}  // namespace

RouteTable::RouteTable(std::string base_domain) : base_domain_(std::move(base_domain)) {}

RouteTable RouteTable::of(std::vector<std::shared_ptr<const CompiledService>> services,
                          std::string base_domain) {
    std::array<std::shared_ptr<Shard>, kShards> shards;
    for (auto& service : services) {
        auto entry = std::make_shared<const Entry>(std::move(service));
        auto& shard = shards[shard_of(entry->key)];
        if (shard == nullptr) { shard = std::make_shared<Shard>(); }
        const std::string_view key = entry->key;
        shard->entries.erase(key);
        shard->entries.emplace(key, std::move(entry));
    }
    RouteTable table(std::move(base_domain));
    std::ranges::move(shards, table.shards_.begin());
    return table;
}

RouteTable RouteTable::with(std::shared_ptr<const CompiledService> service) const {
    auto entry = std::make_shared<const Entry>(std::move(service));
    const std::string_view key = entry->key;
    return changed(key, std::move(entry));
}

RouteTable RouteTable::without(std::string_view environment, std::string_view code) const {
    return changed(fmt::format("{}/{}", environment, code), nullptr);
}

RouteTable RouteTable::changed(std::string_view key, std::shared_ptr<const Entry> entry) const {
    RouteTable copy = *this;
    auto& slot = copy.shards_[shard_of(key)];
    auto shard = slot == nullptr ? std::make_shared<Shard>() : std::make_shared<Shard>(*slot);
    shard->entries.erase(key);  // its key points into the entry that leaves
    if (entry != nullptr) { shard->entries.emplace(key, std::move(entry)); }
    slot = std::move(shard);
    return copy;
}

const RouteTable::Entry* RouteTable::entry(std::string_view key) const {
    const auto& shard = shards_[shard_of(key)];
    if (shard == nullptr) { return nullptr; }
    const auto found = shard->entries.find(key);
    return found == shard->entries.end() ? nullptr : found->second.get();
}

const RouteTable::Entry* RouteTable::entry(std::string_view environment,
                                           std::string_view code) const {
    if (environment.size() + 1 + code.size() > kMaxKeyLength) { return nullptr; }
    std::array<char, kMaxKeyLength> key;
    char* at = std::ranges::copy(environment, key.begin()).out;
    *at++ = '/';
    at = std::ranges::copy(code, at).out;
    return entry({key.data(), static_cast<std::size_t>(at - key.data())});
}

const RouteTable::Entry* RouteTable::entry_of_host(std::string_view host) const {
    if (base_domain_.empty() || host.size() <= base_domain_.size() + 1 ||
        !host.ends_with(base_domain_)) {
        return nullptr;
    }
    host.remove_suffix(base_domain_.size());
    if (host.back() != '.') { return nullptr; }
    host.remove_suffix(1);
    const auto dash = host.rfind('-');
    if (dash == std::string_view::npos) { return nullptr; }
    return entry(host.substr(dash + 1), host.substr(0, dash));
}

ServiceAddress RouteTable::resolve(std::string_view host, std::string_view path) const {
    if (const Entry* named = entry_of_host(host)) {
        return {.service = named->service.get(), .index = &named->index, .api_path = path};
    }
    const std::string_view key = key_in(path);
    const Entry* found = key.empty() ? nullptr : entry(key);
    if (found == nullptr) { return {}; }
    const std::string_view below = path.substr(key.size() + 1);
    return {.service = found->service.get(),
            .index = &found->index,
            .api_path = below.empty() ? "/" : below};
}

ServiceAddress RouteTable::at(std::string_view environment, std::string_view code) const {
    const Entry* found = entry(environment, code);
    if (found == nullptr) { return {}; }
    return {.service = found->service.get(), .index = &found->index, .api_path = {}};
}

const CompiledService* RouteTable::find(std::string_view environment, std::string_view code) const {
    const Entry* found = entry(environment, code);
    return found == nullptr ? nullptr : found->service.get();
}

std::vector<std::shared_ptr<const CompiledService>> RouteTable::services() const {
    std::vector<std::shared_ptr<const CompiledService>> all;
    for (const auto& shard : shards_) {
        if (shard == nullptr) { continue; }
        for (const auto& [key, entry] : shard->entries) {
            all.push_back(entry->service);
        }
    }
    return all;
}

std::size_t RouteTable::route_count() const {
    std::size_t count = 0;
    for (const auto& service : services()) {
        count += service->routes.size();
    }
    return count;
}

}  // namespace lintel::gateway
