// The compiled form of a schema, shared by the compiler that builds it and the validator that walks
// it. Internal to data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/json.h"
#include "data/schema_format.h"
#include "data/schema_pattern.h"

namespace lintel::data {

struct SchemaNode;

inline constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

/// Bits of SchemaNode::types. Integer alone means: a number without fractional part.
enum TypeBit : std::uint8_t {
    kNull = 1,
    kBoolean = 2,
    kInteger = 4,
    kNumber = 8,
    kString = 16,
    kArray = 32,
    kObject = 64,
};
inline constexpr std::uint8_t kAnyType = 127;

struct NumberRules {
    std::optional<Json> minimum;
    std::optional<Json> maximum;
    std::optional<Json> above;  ///< exclusive minimum
    std::optional<Json> below;  ///< exclusive maximum
    std::optional<Json> multiple_of;
    int integer_bits = 0;  ///< 32 or 64: format int32, int64
};

struct StringRules {
    std::size_t min_length = 0;  ///< code points
    std::size_t max_length = kUnlimited;
    std::shared_ptr<const Pattern> pattern;
    std::string pattern_text;
    StringFormat format = StringFormat::None;
    std::string format_name;
};

struct ArrayRules {
    const SchemaNode* items = nullptr;     ///< every element, or those beyond the tuple
    std::vector<const SchemaNode*> tuple;  ///< the first elements, each its own
    const SchemaNode* contains = nullptr;
    std::size_t min_items = 0;
    std::size_t max_items = kUnlimited;
    bool unique = false;
};

/// What an object says about one name.
struct Member {
    std::string name;
    const SchemaNode* schema = nullptr;  ///< nullptr: only required
    bool required = false;
};

struct Dependency {
    std::string name;
    std::vector<std::string> needs;
    const SchemaNode* schema = nullptr;
};

struct ObjectRules {
    std::vector<Member> members;  ///< sorted by name
    std::vector<std::pair<std::shared_ptr<const Pattern>, const SchemaNode*>> patterns;
    const SchemaNode* additional = nullptr;
    bool additional_refused = false;
    const SchemaNode* names = nullptr;
    std::vector<Dependency> dependencies;
    std::size_t min_properties = 0;
    std::size_t max_properties = kUnlimited;
};

/// Schemas applied to the value itself, not to its parts.
struct InPlaceRules {
    const SchemaNode* reference = nullptr;
    std::vector<const SchemaNode*> all_of;
    std::vector<const SchemaNode*> any_of;
    std::vector<const SchemaNode*> one_of;
    const SchemaNode* none_of = nullptr;
    const SchemaNode* condition = nullptr;
    const SchemaNode* then_branch = nullptr;
    const SchemaNode* else_branch = nullptr;
};

struct SchemaNode {
    std::uint8_t types = kAnyType;
    bool refuses_everything = false;
    bool read_only = false;
    bool write_only = false;
    std::vector<Json> values;  ///< enum or const; used when `has_values`
    bool has_values = false;
    std::unique_ptr<InPlaceRules> in_place;
    std::unique_ptr<NumberRules> number;
    std::unique_ptr<StringRules> string;
    std::unique_ptr<ArrayRules> array;
    std::unique_ptr<ObjectRules> object;
    std::string pointer;  ///< where it stands in its document; cleared after compilation
};

struct SchemaPool {
    std::deque<SchemaNode> nodes;  // addresses are stable
    std::map<std::string, std::shared_ptr<const Pattern>, std::less<>> patterns;
};

}  // namespace lintel::data
