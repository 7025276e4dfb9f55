// Where things stand in an array of the caller's, found by hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace lintel {

/// Open addressing with linear probing over slots of eight bytes: a lookup among very many things
/// mostly costs one cache miss before the thing itself. Holds no keys, so what it finds must be
/// compared; the same hash may be there several times. Things are never taken out.
class FlatIndex {
public:
    FlatIndex() = default;
    /// Room for `count` things without growing.
    explicit FlatIndex(std::size_t count) { resize(count); }

    static std::size_t hash(std::string_view text) { return std::hash<std::string_view>{}(text); }

    void add(std::size_t hash, std::uint32_t position) {
        if ((count_ + 1) * 2 > slots_.size()) { resize(count_ * 2 + 1); }
        put({.tag = tag_of(hash), .one_more = position + 1});
        ++count_;
    }

    /// Asks about each position with that hash, in the order they were added, until `is` says yes.
    template <typename Is>
    bool any_of(std::size_t hash, Is&& is) const {
        if (slots_.empty()) { return false; }
        const std::uint32_t tag = tag_of(hash);
        for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
            const Slot slot = slots_[at];
            if (slot.one_more == 0) { return false; }
            if (slot.tag == tag && is(slot.one_more - 1)) { return true; }
        }
    }

private:
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t one_more = 0;  ///< position + 1; 0: the slot is free
    };

    static std::uint32_t tag_of(std::size_t hash) { return static_cast<std::uint32_t>(hash); }
    std::size_t mask() const { return slots_.size() - 1; }

    void put(Slot slot) {
        std::size_t at = slot.tag & mask();
        while (slots_[at].one_more != 0) {
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
        for (const Slot slot : before) {
            if (slot.one_more != 0) { put(slot); }
        }
    }

    std::vector<Slot> slots_;  ///< a power of two of them
    std::size_t count_ = 0;
};

}  // namespace lintel
