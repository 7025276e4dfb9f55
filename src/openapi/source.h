// The file being imported: its root, the faults and warnings found so far, and how references
// inside it are followed.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "data/json.h"

namespace lintel::openapi {

/// A value in the file and the pointer that leads to it.
struct Place {
    const data::Json* value = nullptr;
    std::string pointer;

    /// The member, or nullopt when there is none or this is not an object.
    std::optional<Place> member(std::string_view name) const;
    Place element(std::size_t index) const;
    /// Name and value of the first member. REQUIRES: an object that is not empty.
    std::pair<std::string, Place> first_member() const;
};

/// Owned by one import, used by one thread. `root` must outlive it.
class Source {
public:
    explicit Source(const data::Json& root) : root_(root) {}

    const data::Json& root() const { return root_; }
    Place top() const { return {&root_, ""}; }

    /// The same code at the same place is told once, however many operations share it.
    void fault(std::string pointer, std::string code, std::string detail);
    void warn(std::string pointer, std::string code, std::string detail);
    bool faulty() const { return !faults_.empty(); }
    std::vector<Fault> take_faults() { return std::move(faults_); }
    std::vector<Fault> take_warnings() { return std::move(warnings_); }

    /// What the place stands for: itself, or what its `$ref` leads to. nullopt after a fault was
    /// noted: the reference leaves the file, leads nowhere, or leads back to itself.
    std::optional<Place> follow(Place place);
    /// The same for the target of one `$ref`; `pointer` is where it stands.
    std::optional<Place> target(const data::Json& reference, const std::string& pointer);

    /// A text; numbers and booleans are taken as they are written. Empty when absent; anything else
    /// is a fault.
    std::string text(const Place& object, std::string_view name);
    /// false when absent; anything but a boolean is a fault.
    bool flag(const Place& object, std::string_view name);
    /// The member when it is an object (array); nullopt when absent; anything else is a fault.
    std::optional<Place> object(const Place& place, std::string_view name);
    std::optional<Place> array(const Place& place, std::string_view name);

private:
    const data::Json& root_;
    std::vector<Fault> faults_;
    std::vector<Fault> warnings_;
    std::set<std::pair<std::string, std::string>> warned_;  // pointer and code
};

/// Notes a fault for every reference that leaves the file, used or not.
void refuse_outside_references(Source& source);

}  // namespace lintel::openapi
