#include "data/schema_pattern.h"

#include <fmt/core.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace lintel::data {
namespace {

/// Writes an expression in RE2's syntax, one construct at a time.
class Translator {
public:
    explicit Translator(std::string_view ecma) : in_(ecma) {}

    std::string translate() {
        while (at_ < in_.size()) {
            if (in_[at_] == '\\') {
                escape();
            } else if (in_[at_] == '[') {
                character_class();
            } else if (starts("(?<") && !starts("(?<=") && !starts("(?<!")) {
                out_ += "(?P<";
                at_ += 3;
            } else {
                out_ += in_[at_++];
            }
        }
        return std::move(out_);
    }

private:
    bool starts(std::string_view text) const { return in_.substr(at_).starts_with(text); }

    /// \uXXXX is \x{XXXX} there; the rest is the same or an error.
    void escape() {
        const std::string_view digits = in_.substr(std::min(in_.size(), at_ + 2), 4);
        if (starts("\\u") && digits.size() == 4 && std::ranges::all_of(digits, is_hex_digit)) {
            out_ += fmt::format("\\x{{{}}}", digits);
            at_ += 6;
            return;
        }
        out_ += in_.substr(at_, 2);
        at_ += 2;
    }

    void character_class() {
        if (starts("[^]")) {
            out_ += "(?s:.)";
            at_ += 3;
            return;
        }
        if (starts("[]")) {
            out_ += "[^\\x{0}-\\x{10FFFF}]";
            at_ += 2;
            return;
        }
        out_ += '[';
        if (in_[++at_] == '^' && at_ < in_.size()) { out_ += in_[at_++]; }
        bool after_set =
            false;  // just behind \w, \d, \s: a hyphen there is a character, not a range
        while (at_ < in_.size() && in_[at_] != ']') {
            const bool set =
                in_[at_] == '\\' && at_ + 1 < in_.size() &&
                std::string_view("wWdDsSpP").find(in_[at_ + 1]) != std::string_view::npos;
            if (in_[at_] == '\\') {
                escape();
            } else if (in_[at_] == '[') {
                out_ += "\\[";
                ++at_;
            } else if (in_[at_] == '-' && (after_set || next_is_set())) {
                out_ += "\\-";
                ++at_;
            } else {
                out_ += in_[at_++];
            }
            after_set = set;
        }
        if (at_ < in_.size()) { out_ += in_[at_++]; }
    }

    bool next_is_set() const {
        return at_ + 2 < in_.size() && in_[at_ + 1] == '\\' &&
               std::string_view("wWdDsS").find(in_[at_ + 2]) != std::string_view::npos;
    }

    std::string_view in_;
    std::size_t at_ = 0;
    std::string out_;
};

/// "/^a$/i": the slashes of a JavaScript literal would be matched as characters, before the start
/// of the text.
bool is_javascript_literal(std::string_view text) {
    const std::size_t last = text.rfind('/');
    return text.starts_with("/^") && last > 1 && last != std::string_view::npos &&
           text.substr(last + 1).size() <= 3 &&
           std::ranges::all_of(text.substr(last + 1), is_letter);
}

}  // namespace

class Pattern::Engine {
public:
    Engine(const std::string& text, const re2::RE2::Options& options) : re2(text, options) {}
    re2::RE2 re2;
};

Pattern::Pattern(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Pattern::~Pattern() = default;

std::string re2_syntax(std::string_view ecma) {
    return Translator(ecma).translate();
}

Result<std::shared_ptr<const Pattern>> Pattern::compile(std::string_view ecma) {
    if (ecma.size() > kMaxLength) {
        return fail(Code::FieldInvalid, fmt::format("it is longer than {} characters", kMaxLength));
    }
    if (is_javascript_literal(ecma)) {
        return fail(
            Code::FieldInvalid,
            "it stands between slashes, which are part of the pattern here, so nothing can match");
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto engine = std::make_unique<Engine>(re2_syntax(ecma), options);
    if (!engine->re2.ok()) {
        return fail(Code::FieldInvalid, fmt::format("RE2 cannot run it ({})", engine->re2.error()));
    }
    if (engine->re2.ProgramSize() > kMaxProgramSize) {
        return fail(Code::FieldInvalid, "it is too complex");
    }
    return std::shared_ptr<const Pattern>(new Pattern(std::move(engine)));
}

bool Pattern::found_in(std::string_view text) const {
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), engine_->re2);
}

}  // namespace lintel::data
