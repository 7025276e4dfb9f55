// Patterns of JSON Schema: ECMA-262 expressions that RE2 runs, so that none can take exponential
// time; what only a backtracking engine can do is refused when the schema is compiled.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace lintel::data {

/// One compiled pattern; immutable and thread-safe. The engine's type stays out of the header.
class Pattern {
public:
    /// Fails with Code::FieldInvalid and a message that says what RE2 cannot do.
    static Result<std::shared_ptr<const Pattern>> compile(std::string_view ecma);
    ~Pattern();
    /// Anywhere in the text, as JSON Schema wants it.
    bool found_in(std::string_view text) const;

    static constexpr std::size_t kMaxLength = 1'000;
    static constexpr int kMaxProgramSize = 10'000;

private:
    class Engine;
    explicit Pattern(std::unique_ptr<Engine> engine);
    std::unique_ptr<Engine> engine_;
};

/// The same expression in RE2's syntax where the two differ: \uXXXX, (?<name>, [^], [] and literal
/// hyphens in classes.
std::string re2_syntax(std::string_view ecma);

}  // namespace lintel::data
