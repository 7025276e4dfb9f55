// Reads the members of a JSON object into values, collecting every fault with its pointer instead
// of stopping at the first.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/json.h"

namespace lintel::model {

/// Role: one pass over one JSON object. Call the readers, then done(), which reports members nobody
/// asked for. Lives on the stack of a from_json function; not thread-safe; refers to the json and
/// the faults given.
class Fields {
public:
    Fields(const data::Json& json, std::string pointer, std::vector<Fault>& faults);

    std::string text(std::string_view name, std::string_view otherwise = "");
    std::string required_text(std::string_view name);
    std::optional<std::string> optional_text(std::string_view name);
    bool flag(std::string_view name, bool otherwise);
    std::optional<bool> optional_flag(std::string_view name);
    std::int64_t integer(std::string_view name, std::int64_t otherwise);
    std::optional<std::int64_t> optional_integer(std::string_view name);
    /// Any JSON value; null when absent.
    data::Json any(std::string_view name);
    /// The member when it is an object (or array); nullptr when absent or null; a fault when it is
    /// something else.
    const data::Json* object(std::string_view name);
    const data::Json* array(std::string_view name);
    std::vector<std::string> texts(std::string_view name);
    /// All members, where their names are free and each is a text (null: an empty one).
    std::map<std::string, std::string> texts_by_name();

    /// Reads a text member through a parse function of an enum.
    template <typename Value>
    Value choice(std::string_view name, Value otherwise,
                 std::optional<Value> (*parse)(std::string_view), std::string_view choices) {
        const std::optional<std::string> given = optional_text(name);
        if (!given) { return otherwise; }
        if (const std::optional<Value> value = parse(*given)) { return *value; }
        fault(name, "field.choice",
              "is '" + *given + "'; it must be one of " + std::string(choices));
        return otherwise;
    }

    bool has(std::string_view name) const;
    std::string pointer(std::string_view name) const { return data::child_pointer(pointer_, name); }
    void fault(std::string_view name, std::string code, std::string detail);
    void done();

private:
    const data::Json* find(std::string_view name);
    void wrong_type(std::string_view name, std::string_view wanted, const data::Json& member);

    const data::Json& json_;
    std::string pointer_;
    std::vector<Fault>& faults_;
    std::vector<std::string_view> known_;  ///< what was asked for: a few names
};

}  // namespace lintel::model
