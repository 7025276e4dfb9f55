// A flat hash table whose slots say what they hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace lintel {

inline std::size_t hash_of(std::string_view text) {
    return std::hash<std::string_view>{}(text);
}

/// Open addressing with linear probing: a lookup among very many things costs one cache miss and
/// leads to the thing itself. `Slot` is a small plain struct with a member `std::uint32_t tag = 0`,
/// which belongs to the index, and whatever the caller needs to get from there to his thing; what
/// is found must be compared. The same hash may be there several times. Nothing is ever taken out.
template <typename Slot>
class FlatIndex {
public:
    FlatIndex() = default;
    /// Room for `count` slots without growing.
    explicit FlatIndex(std::size_t count) { resize(count); }

    void add(std::size_t hash, Slot slot) {
        if ((count_ + 1) * 2 > slots_.size()) { resize(count_ + 1); }
        slot.tag = tag_of(hash);
        put(slot);
        ++count_;
    }

    /// Asks about each slot with that hash until `is` says yes; null when it never does.
    template <typename Is>
    const Slot* find(std::size_t hash, Is&& is) const {
        if (slots_.empty()) { return nullptr; }
        const std::uint32_t tag = tag_of(hash);
        for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
            const Slot& slot = slots_[at];
            if (slot.tag == 0) { return nullptr; }
            if (slot.tag == tag && is(slot)) { return &slot; }
        }
    }

private:
    /// Never 0, which marks a free slot.
    static std::uint32_t tag_of(std::size_t hash) {
        const auto tag = static_cast<std::uint32_t>(hash);
        return tag != 0 ? tag : 1;
    }
    std::size_t mask() const { return slots_.size() - 1; }

    void put(const Slot& slot) {
        std::size_t at = slot.tag & mask();
        while (slots_[at].tag != 0) {
            at = (at + 1) & mask();
        }
        slots_[at] = slot;
    }

    /// At least half of the slots stay free, so that runs are short.
    void resize(std::size_t count) {
        std::size_t size = 4;
        while (size < count * 2) {
            size *= 2;
        }
        const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(size));
        for (const Slot& slot : before) {
            if (slot.tag != 0) { put(slot); }
        }
    }

    std::vector<Slot> slots_;  ///< a power of two of them
    std::size_t count_ = 0;
};

}  // namespace lintel
