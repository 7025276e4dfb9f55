#include "gateway/route_table.h"

#include <algorithm>
#include <utility>

#include "base/inplace_vector.h"
#include "base/prefetch.h"

namespace lintel::gateway {

namespace {

constexpr std::size_t kMaxKeyLength = 96;  // 16 + "." + 16 + "/" + 40 and some air

/// "release/pets": as it stands in a path.
class Key {
public:
    /// REQUIRES: together they are not longer than kMaxKeyLength.
    Key(std::string_view environment, std::string_view code) {
        for (const std::string_view part : {environment, std::string_view("/"), code}) {
            for (const char c : part) {
                text_.push_back(c);
            }
        }
    }
    static bool fits(std::string_view environment, std::string_view code) {
        return environment.size() + 1 + code.size() <= kMaxKeyLength;
    }
    std::string_view view() const { return {text_.data(), text_.size()}; }

private:
    InplaceVector<char, kMaxKeyLength> text_;
};

}  // namespace

/// One service in one environment with its index: the unit that releases share.
struct RouteTable::Entry {
    explicit Entry(std::shared_ptr<const CompiledService> of)
        : key(of->environment, of->code), service(std::move(of)), index(service->routes) {}

    Key key;
    std::shared_ptr<const CompiledService> service;
    PathIndex index;
};

/// A few services, looked through: what leads to each lies in one piece, since among very many
/// every piece is a cache miss. One without an entry is the end.
struct RouteTable::Slot {
    std::size_t hash = 0;
    std::shared_ptr<const Entry> entry;
};

namespace {

/// "release/pets" of "/release/pets/x"; empty when the path has less than two segments.
std::string_view key_in(std::string_view path) {
    const auto slash = path.find('/', 1);
    if (slash == std::string_view::npos) { return {}; }
    const auto end = path.find('/', slash + 1);
    return path.substr(1, end == std::string_view::npos ? end : end - 1);
}

std::size_t shard_of(std::size_t hash) {
    return hash >> 56;
}

}  // namespace

RouteTable::RouteTable(std::string base_domain) : base_domain_(std::move(base_domain)) {
    shards_.fill(shard({}));
}

RouteTable RouteTable::of(std::vector<std::shared_ptr<const CompiledService>> services,
                          std::string base_domain) {
    std::array<std::vector<Slot>, kShards> slots;
    for (auto& service : services) {
        auto entry = std::make_shared<const Entry>(std::move(service));
        const std::size_t hash = hash_of(entry->key.view());
        slots[shard_of(hash)].push_back({hash, std::move(entry)});
    }
    RouteTable table(std::move(base_domain));
    std::ranges::transform(slots, table.shards_.begin(), shard);
    return table;
}

RouteTable RouteTable::with(std::shared_ptr<const CompiledService> service) const {
    auto entry = std::make_shared<const Entry>(std::move(service));
    const std::string_view key = entry->key.view();
    return changed(key, std::move(entry));
}

RouteTable RouteTable::without(std::string_view environment, std::string_view code) const {
    if (!Key::fits(environment, code)) { return *this; }
    return changed(Key(environment, code).view(), nullptr);
}

RouteTable::Shard RouteTable::shard(std::span<const Slot> slots) {
    static const Shard empty = std::make_shared<Slot[]>(1);
    if (slots.empty()) { return empty; }
    auto made = std::make_shared<Slot[]>(slots.size() + 1);
    std::ranges::copy(slots, made.get());
    return made;
}

RouteTable RouteTable::changed(std::string_view key, std::shared_ptr<const Entry> entry) const {
    const std::size_t hash = hash_of(key);
    RouteTable copy = *this;
    Shard& changed = copy.shards_[shard_of(hash)];
    std::vector<Slot> slots;
    for (const Slot* other = changed.get(); other->entry != nullptr; ++other) {
        if (other->entry->key.view() != key) { slots.push_back(*other); }
    }
    if (entry != nullptr) { slots.push_back({hash, std::move(entry)}); }
    changed = shard(slots);
    return copy;
}

const RouteTable::Entry* RouteTable::entry(std::string_view key) const {
    const std::size_t hash = hash_of(key);
    for (const Slot* slot = shards_[shard_of(hash)].get(); slot->entry != nullptr; ++slot) {
        if (slot->hash != hash) { continue; }
        prefetch(slot->entry.get(), sizeof(Entry));
        if (slot->entry->key.view() == key) { return slot->entry.get(); }
    }
    return nullptr;
}

const RouteTable::Entry* RouteTable::entry(std::string_view environment,
                                           std::string_view code) const {
    return Key::fits(environment, code) ? entry(Key(environment, code).view()) : nullptr;
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
    prefetch(found->service.get(), sizeof(CompiledService));
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
    for (const Shard& shard : shards_) {
        for (const Slot* slot = shard.get(); slot->entry != nullptr; ++slot) {
            all.push_back(slot->entry->service);
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
