#include "data/json.h"

#include <fmt/core.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

namespace lintel::data {
namespace {

constexpr std::size_t kSortFrom =
    16;  // below, comparing every pair of names is faster than sorting
constexpr std::size_t kUsualMembers = 4;  // room an object begins with

std::string place(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return fmt::format("line {}, column {}: ", line, before.size() - line_start + 1);
}

/// Reads bytes and tells how many were consumed, which the library's events do not say.
class CountingIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountingIterator(const char* at, std::size_t* consumed) : at_(at), consumed_(consumed) {}
    reference operator*() const { return *at_; }
    CountingIterator& operator++() {
        ++at_;
        ++*consumed_;
        return *this;
    }
    CountingIterator operator++(int) {
        const CountingIterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
    bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

private:
    const char* at_;
    std::size_t* consumed_;
};

/// "[json...] parse error at ...: syntax error while parsing value - REASON; last read: 'TOKEN';
/// expected X" without the token: it may be long, and it may be a secret.
std::string reason_of(std::string_view what) {
    const std::size_t dash = what.find(" - ");
    if (dash == std::string_view::npos) { return "the number is out of range"; }
    std::string reason(what.substr(dash + 3));
    const std::size_t read = reason.find("; last read: '");
    if (read == std::string::npos) { return reason; }
    const std::size_t expected = reason.rfind("'; expected ");
    std::string kept = reason.substr(0, read);
    if (expected != std::string::npos && expected > read) { kept += reason.substr(expected + 1); }
    return kept;
}

/// Builds the document from the events of nlohmann's iterative reader. Returning false from an
/// event ends the reading.
class Builder {
public:
    Builder(std::string_view text, const JsonLimits& limits, const std::size_t* consumed)
        : text_(text), limits_(limits), consumed_(consumed) {}

    bool null() { return add(Json(nullptr)) != nullptr; }
    bool boolean(bool value) { return add(Json(value)) != nullptr; }
    bool number_integer(std::int64_t value) { return add(Json(value)) != nullptr; }
    bool number_unsigned(std::uint64_t value) { return add(Json(value)) != nullptr; }
    bool number_float(double value, const std::string& written) {
        if (written.size() > limits_.max_number_length) {
            return refuse(*consumed_,
                          fmt::format("a number of {} characters is longer than the {} allowed",
                                      written.size(), limits_.max_number_length));
        }
        return add(Json(value)) != nullptr;
    }
    bool string(std::string& value) { return add(Json(std::move(value))) != nullptr; }
    bool binary(Json::binary_t&) { return false; }
    bool start_object(std::size_t) {
        if (!open(Json::object())) { return false; }
        open_.back()->get_ref<Json::object_t&>().reserve(kUsualMembers);
        return true;
    }
    bool start_array(std::size_t) { return open(Json::array()); }

    bool key(std::string& name) {
        name_ = std::move(name);
        key_offsets_.push_back(*consumed_ > 0 ? *consumed_ - 1 : 0);
        return true;
    }

    bool end_object() {
        const auto& members = open_.back()->get_ref<const Json::object_t&>();
        const std::size_t first = key_offsets_.size() - members.size();
        if (const auto repeated = repeated_member(members)) {
            return refuse(key_offsets_[first + *repeated], "the key is repeated in its object");
        }
        key_offsets_.resize(first);
        open_.pop_back();
        return true;
    }

    bool end_array() {
        open_.pop_back();
        return true;
    }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception& error) {
        return refuse(position > 0 ? position - 1 : 0, reason_of(error.what()));
    }

    Json take() { return std::move(root_); }

    Error take_error() {
        Error error{Code::BodyMalformed, "The text is not valid JSON: " + detail_};
        error.faults.push_back({pointer(), "json.malformed", std::move(detail_)});
        return error;
    }

private:
    Json* add(Json&& value) {
        if (++nodes_ > limits_.max_nodes) {
            refuse(*consumed_, fmt::format("there are more than {} values", limits_.max_nodes));
            return nullptr;
        }
        if (open_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        if (open_.back()->is_array()) {
            auto& elements = open_.back()->get_ref<Json::array_t&>();
            return &elements.emplace_back(std::move(value));
        }
        // Appended without the library's own search for the name, which is linear: see
        // end_object().
        Members& members = open_.back()->get_ref<Json::object_t&>();
        return &members.emplace_back(std::move(name_), std::move(value)).second;
    }

    bool open(Json&& container) {
        if (open_.size() >= limits_.max_depth) {
            return refuse(*consumed_,
                          fmt::format("it is nested deeper than {} levels", limits_.max_depth));
        }
        Json* added = add(std::move(container));
        if (added == nullptr) { return false; }
        open_.push_back(added);
        return true;
    }

    using Members = std::vector<std::pair<const std::string, Json>>;

    static std::optional<std::size_t> repeated_of_few(const Members& members) {
        for (std::size_t later = 1; later < members.size(); ++later) {
            for (std::size_t i = 0; i < later; ++i) {
                if (members[i].first == members[later].first) { return later; }
            }
        }
        return std::nullopt;
    }

    /// Sorting instead of hashing: no choice of keys makes it slow.
    static std::optional<std::size_t> repeated_member(const Members& members) {
        if (members.size() < kSortFrom) { return repeated_of_few(members); }
        std::vector<std::size_t> order(members.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        const auto name = [&members](std::size_t i) { return std::string_view(members[i].first); };
        std::ranges::sort(order, [&name](std::size_t a, std::size_t b) {
            const int compared = name(a).compare(name(b));
            return compared != 0 ? compared < 0 : a < b;
        });
        const auto twin = std::ranges::adjacent_find(
            order, [&name](std::size_t a, std::size_t b) { return name(a) == name(b); });
        if (twin == order.end()) { return std::nullopt; }
        return *std::next(twin);
    }

    bool refuse(std::size_t offset, const std::string& reason) {
        detail_ = place(text_, offset) + reason;
        return false;
    }

    /// The innermost place that is known when reading stops.
    std::string pointer() const {
        std::string result;
        for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
            result = open_[i]->is_array()
                         ? child_pointer(result, open_[i]->size() - 1)
                         : child_pointer(result,
                                         open_[i]->get_ref<const Json::object_t&>().back().first);
        }
        return result;
    }

    std::string_view text_;
    const JsonLimits& limits_;
    const std::size_t* consumed_;
    Json root_;
    std::vector<Json*>
        open_;  // containers from the root inwards; an open one is the last child of its parent
    std::string name_;
    std::vector<std::size_t> key_offsets_;  // of the members of all open objects
    std::size_t nodes_ = 0;
    std::string detail_;
};

std::vector<const Json::object_t::value_type*> sorted_members(const Json::object_t& object) {
    std::vector<const Json::object_t::value_type*> members;
    members.reserve(object.size());
    for (const auto& member : object) {
        members.push_back(&member);
    }
    std::ranges::sort(members, {},
                      [](const auto* member) { return std::string_view(member->first); });
    return members;
}

bool equal_objects(const Json::object_t& left, const Json::object_t& right) {
    if (left.size() != right.size()) { return false; }
    if (left.size() < kSortFrom) {
        return std::ranges::all_of(left, [&right](const auto& member) {
            const auto same = std::ranges::find(right, member.first,
                                                [](const auto& other) { return other.first; });
            return same != right.end() && equal(member.second, same->second);
        });
    }
    const auto left_members = sorted_members(left);
    const auto right_members = sorted_members(right);
    return std::ranges::equal(left_members, right_members, [](const auto* a, const auto* b) {
        return a->first == b->first && equal(a->second, b->second);
    });
}

std::unexpected<Error> malformed(std::string detail) {
    Error error{Code::BodyMalformed, "The text is not valid JSON: " + detail};
    error.faults.push_back({"", "json.malformed", std::move(detail)});
    return fail(std::move(error));
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
    const bool marked = text.starts_with(kByteOrderMark);
    if (marked && !limits.allow_byte_order_mark) {
        return malformed(place(text, 0) + "remove the byte order mark");
    }
    if (marked) { text.remove_prefix(kByteOrderMark.size()); }
    // The library takes a NUL for the end of the text; JSON has none outside an escape.
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
        return malformed(place(text, nul) + "a NUL byte is not allowed");
    }
    std::size_t consumed = 0;
    Builder builder(text, limits, &consumed);
    std::size_t unused = 0;
    const bool read =
        Json::sax_parse(CountingIterator(std::to_address(text.begin()), &consumed),
                        CountingIterator(std::to_address(text.end()), &unused), &builder);
    if (!read) { return fail(builder.take_error()); }
    return builder.take();
}

std::string dump(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dump_pretty(const Json& value) {
    return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

bool equal(const Json& left, const Json& right) {
    if (left.is_number() && right.is_number()) { return compare_numbers(left, right) == 0; }
    if (left.type() != right.type()) { return false; }
    if (left.is_object()) {
        return equal_objects(left.get_ref<const Json::object_t&>(),
                             right.get_ref<const Json::object_t&>());
    }
    if (left.is_array()) {
        return std::ranges::equal(left.get_ref<const Json::array_t&>(),
                                  right.get_ref<const Json::array_t&>(), equal);
    }
    return left == right;
}

int compare_numbers(const Json& left, const Json& right) {
    static_assert(LDBL_MANT_DIG >= 64, "int64, uint64 and double must all fit a long double");
    const auto wide = [](const Json& value) -> long double {
        if (value.is_number_unsigned()) {
            return static_cast<long double>(value.get<std::uint64_t>());
        }
        if (value.is_number_integer()) {
            return static_cast<long double>(value.get<std::int64_t>());
        }
        return static_cast<long double>(value.get<double>());
    };
    const long double a = wide(left);
    const long double b = wide(right);
    return a < b ? -1 : a > b ? 1 : 0;
}

bool is_integer(const Json& value) {
    if (value.is_number_integer()) { return true; }
    if (!value.is_number_float()) { return false; }
    const double number = value.get<double>();
    return std::isfinite(number) && std::trunc(number) == number;
}

std::string_view type_name(const Json& value) {
    if (value.is_number()) { return is_integer(value) ? "integer" : "number"; }
    if (value.is_object()) { return "object"; }
    if (value.is_array()) { return "array"; }
    if (value.is_string()) { return "string"; }
    return value.is_boolean() ? "boolean" : "null";
}

const Json* find(const Json& object, std::string_view key) {
    if (!object.is_object()) { return nullptr; }
    for (const auto& [name, value] : object.get_ref<const Json::object_t&>()) {
        if (name == key) { return &value; }
    }
    return nullptr;
}

std::string_view find_string(const Json& object, std::string_view key) {
    const Json* value = find(object, key);
    if (value == nullptr || !value->is_string()) { return {}; }
    return value->get_ref<const std::string&>();
}

void append(Json& object, std::string name, Json value) {
    std::vector<std::pair<const std::string, Json>>& members = object.get_ref<Json::object_t&>();
    members.emplace_back(std::move(name), std::move(value));
}

}  // namespace lintel::data
