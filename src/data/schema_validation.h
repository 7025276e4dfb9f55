// One validation under way. Internal to the validator: the rules for values are in
// schema_validate.cc, those that combine schemas at the same place in schema_in_place.cc.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "data/schema.h"
#include "data/schema_node.h"

namespace lintel::data {

/// One validation. In quiet mode nothing is written down and the first fault ends the check:
/// alternatives are tried that way, and only told about when none fits.
class Validation {
public:
    Validation(std::string_view pointer, std::vector<Fault>& faults, Direction direction)
        : pointer_(pointer), faults_(&faults), direction_(direction) {}

    bool check(const SchemaNode& node, const Json& value);

private:
    using PathPart = std::variant<std::string_view, std::size_t>;

    bool check_rules(const SchemaNode& node, const Json& value);
    bool check_values(const SchemaNode& node, const Json& value);
    bool check_number(const NumberRules& rules, const Json& value);
    bool check_integer_bits(int bits, const Json& value);
    bool check_string(const StringRules& rules, const std::string& value);
    bool check_array(const ArrayRules& rules, const Json& value);
    bool check_elements(const ArrayRules& rules, const Json& value);
    bool check_object(const ObjectRules& rules, const Json& value);
    bool check_member(const ObjectRules& rules, const Member* known, const std::string& name,
                      const Json& value);
    bool check_names(const ObjectRules& rules, const Json& value);
    bool check_required(const ObjectRules& rules, const std::vector<bool>& present);
    bool check_dependencies(const ObjectRules& rules, const Json& value);
    bool check_in_place(const InPlaceRules& rules, const Json& value);
    bool check_any_of(const InPlaceRules& rules, const Json& value);
    bool check_one_of(const InPlaceRules& rules, const Json& value);
    bool check_condition(const InPlaceRules& rules, const Json& value);
    bool fits(const SchemaNode& node, const Json& value);
    std::string closest(std::span<const SchemaNode* const> branches, const Json& value);
    /// No branch fits: says so, or what is wrong with the only one. Always false.
    bool report_no_branch(std::string_view code, std::span<const SchemaNode* const> branches,
                          const Json& value);
    bool exempt(const Member& member) const;

    template <typename Detail>
    bool report(std::string_view code, Detail&& detail);
    std::string here() const;
    /// In quiet mode the first fault settles it.
    bool stop(bool valid) const { return !valid && quiet_; }
    bool full() const { return faults_->size() >= Schema::kMaxFaults; }

    std::string_view pointer_;
    std::vector<Fault>* faults_;
    Direction direction_;
    bool quiet_ = false;
    bool exhausted_ = false;
    std::size_t steps_ = 0;
    std::size_t nesting_ = 0;
    std::vector<PathPart> path_;
};

/// `detail` is only asked for its text when somebody will read it.
template <typename Detail>
bool Validation::report(std::string_view code, Detail&& detail) {
    if (!quiet_ && !full()) { faults_->push_back({here(), std::string(code), detail()}); }
    return false;
}

}  // namespace lintel::data
