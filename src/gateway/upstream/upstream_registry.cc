#include "gateway/upstream/upstream_registry.h"

#include <fmt/core.h>

#include <utility>

namespace lintel::gateway {

namespace {

/// What `map` knows under the key while anybody holds it, else what `make` makes now. What nobody
/// holds any more goes when the map has `at` entries.
template <typename Value, typename Make>
std::shared_ptr<Value> held(std::map<std::string, std::weak_ptr<Value>>& map, std::size_t& at,
                            const std::string& key, Make make) {
    std::weak_ptr<Value>& known = map[key];
    std::shared_ptr<Value> value = known.lock();
    if (value == nullptr) {
        value = make();
        known = value;
    }
    if (map.size() > at) {
        std::erase_if(map, [](const auto& entry) { return entry.second.expired(); });
        at = map.size() + UpstreamRegistry::kMaxUnused;
    }
    return value;
}

}  // namespace

std::uint32_t UpstreamRegistry::slot(const std::string& id) {
    const std::scoped_lock lock(mutex_);
    return slots_.try_emplace(id, static_cast<std::uint32_t>(slots_.size())).first->second;
}

std::shared_ptr<UpstreamState> UpstreamRegistry::state(const std::string& id) {
    const std::scoped_lock lock(mutex_);
    std::shared_ptr<UpstreamState>& kept = states_[id];
    if (kept == nullptr) { kept = std::make_shared<UpstreamState>(); }
    auto state = kept;
    if (states_.size() > sweep_states_at_) {
        std::erase_if(states_, [](const auto& entry) { return entry.second.use_count() == 1; });
        sweep_states_at_ = states_.size() + kMaxUnused;
    }
    return state;
}

std::shared_ptr<ServerState> UpstreamRegistry::server(const std::string& upstream_id,
                                                      const std::string& address) {
    const std::scoped_lock lock(mutex_);
    return held(servers_, sweep_servers_at_, upstream_id + " " + address,
                [] { return std::make_shared<ServerState>(); });
}

std::shared_ptr<const http::Origin> UpstreamRegistry::origin(http::Origin origin) {
    const auto make = [&] { return std::make_shared<const http::Origin>(std::move(origin)); };
    if (origin.tls && origin.tls->client != nullptr) { return make(); }
    const std::scoped_lock lock(mutex_);
    return held(origins_, sweep_origins_at_, std::string(origin.key), make);
}

std::uint64_t UpstreamRegistry::next_edition() {
    const std::scoped_lock lock(mutex_);
    return ++edition_;
}

void UpstreamRegistry::set_names(std::map<std::string, std::uint32_t, std::less<>> slots_by_name) {
    const std::scoped_lock lock(mutex_);
    names_ = std::move(slots_by_name);
}

std::optional<std::uint32_t> UpstreamRegistry::find(std::string_view name,
                                                    std::string_view gateway) const {
    // A dot in the name would lead into another gateway.
    if (name.contains('.')) { return std::nullopt; }
    const std::scoped_lock lock(mutex_);
    const auto found =
        names_.find(gateway.empty() ? std::string(name) : fmt::format("{}.{}", name, gateway));
    return found == names_.end() ? std::nullopt : std::optional(found->second);
}

std::string UpstreamRegistry::names(std::string_view gateway) const {
    const std::scoped_lock lock(mutex_);
    std::string all;
    for (const auto& [qualified, slot] : names_) {
        const std::string_view name = std::string_view(qualified).substr(0, qualified.find('.'));
        const bool is_of_it =
            gateway.empty() ? name == qualified : qualified == fmt::format("{}.{}", name, gateway);
        if (is_of_it) { all += (all.empty() ? "" : ", ") + std::string(name); }
    }
    return all;
}

}  // namespace lintel::gateway
