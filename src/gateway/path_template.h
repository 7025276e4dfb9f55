// Path templates of APIs: "/pets/{id}", "/files/f.{name}:{version}", "/static/*", "/rest/{tail+}".
// Parsed once at publish; the compiler refuses what does not parse, the router builds its index
// from the rest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lintel::gateway {

/// One segment between two slashes.
struct TemplateSegment {
    enum class Kind : std::uint8_t {
        Rest,       ///< "*" or "{x+}" at the end: takes everything below
        Parameter,  ///< "{id}"
        Mixed,      ///< literals around parameters: "f.{x}", "{a}:{b}"
        Literal,
    };
    Kind kind = Kind::Literal;
    /// Canonical text around the parameters: one more than names; for Literal the only one.
    std::vector<std::string> literals = {};
    std::vector<std::string> names = {};
    bool rest_may_be_empty = false;  ///< "*" takes an empty rest, "{x+}" does not

    std::size_t literal_length() const;
};

struct PathTemplate {
    std::vector<TemplateSegment> segments;

    /// FieldInvalid with a sentence when the text is not a template.
    static Result<PathTemplate> parse(std::string_view text);
    /// The canonical path when there is no parameter and no rest, else empty.
    bool is_literal() const;
    std::string literal_path() const;
    std::vector<std::string> names() const;
    /// Equal for templates that match the same paths: names of parameters do not count.
    std::string shape() const;
};

}  // namespace lintel::gateway
