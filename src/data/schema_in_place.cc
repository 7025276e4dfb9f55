// Rules that apply further schemas at the same place: allOf, anyOf, oneOf, not, if, $ref.
#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "data/schema_validation.h"

namespace lintel::data {

bool Validation::fits(const SchemaNode& node, const Json& value) {
    const bool was_quiet = std::exchange(quiet_, true);
    const bool valid = check(node, value);
    quiet_ = was_quiet;
    return valid;
}

/// The first fault of the alternative that fails least, so that a caller need not guess which one
/// he was near.
std::string Validation::closest(std::span<const SchemaNode* const> branches, const Json& value) {
    std::optional<Fault> best;
    std::size_t best_score = 0;
    for (const SchemaNode* branch : branches) {
        std::vector<Fault> local;
        std::vector<Fault>* outer = std::exchange(faults_, &local);
        check(*branch, value);
        faults_ = outer;
        if (local.empty()) { continue; }
        // Failing at the value itself (its type, its kind) means another alternative was meant.
        const bool elsewhere = local.front().pointer == here();
        const std::size_t score = local.size() + (elsewhere ? Schema::kMaxFaults : 0);
        if (!best || score < best_score) {
            best = local.front();
            best_score = score;
        }
    }
    if (!best) { return {}; }
    return fmt::format("; the closest one fails at '{}': {}", best->pointer, best->detail);
}

bool Validation::report_no_branch(std::string_view code,
                                  std::span<const SchemaNode* const> branches, const Json& value) {
    if (quiet_ || exhausted_ || full()) { return false; }
    if (branches.size() == 1) { return check(*branches.front(), value); }
    return report(code, [&] {
        return fmt::format("fits none of the {} alternatives{}", branches.size(),
                           closest(branches, value));
    });
}

bool Validation::check_any_of(const InPlaceRules& rules, const Json& value) {
    if (std::ranges::any_of(rules.any_of,
                            [&](const SchemaNode* branch) { return fits(*branch, value); })) {
        return true;
    }
    return report_no_branch("schema.any_of", rules.any_of, value);
}

bool Validation::check_one_of(const InPlaceRules& rules, const Json& value) {
    std::size_t fitting = 0;
    for (const SchemaNode* branch : rules.one_of) {
        fitting += fits(*branch, value) ? 1U : 0U;
        if (fitting > 1) {
            return report("schema.one_of",
                          [] { return std::string("fits more than one of the alternatives"); });
        }
    }
    if (fitting == 1) { return true; }
    return report_no_branch("schema.one_of", rules.one_of, value);
}

bool Validation::check_condition(const InPlaceRules& rules, const Json& value) {
    const SchemaNode* branch =
        fits(*rules.condition, value) ? rules.then_branch : rules.else_branch;
    return branch == nullptr || check(*branch, value);
}

bool Validation::check_in_place(const InPlaceRules& rules, const Json& value) {
    bool valid = rules.reference == nullptr || check(*rules.reference, value);
    for (const SchemaNode* part : rules.all_of) {
        valid &= check(*part, value);
        if (stop(valid)) { return false; }
    }
    if (!rules.any_of.empty()) { valid &= check_any_of(rules, value); }
    if (stop(valid)) { return false; }
    if (!rules.one_of.empty()) { valid &= check_one_of(rules, value); }
    if (rules.condition != nullptr) { valid &= check_condition(rules, value); }
    if (rules.none_of != nullptr && fits(*rules.none_of, value)) {
        valid =
            report("schema.not", [] { return std::string("must not fit the schema under 'not'"); });
    }
    return valid;
}

}  // namespace lintel::data
