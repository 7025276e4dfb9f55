#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"
#include "base/text.h"
#include "data/yaml.h"
#include "data/yaml_scalar.h"

namespace lintel::data {
namespace {

constexpr std::size_t kMaxSimpleKey = 1'000;  // YAML allows 1,024 characters before the colon

/// Words that older readers take for booleans.
bool is_old_boolean(std::string_view text) {
    constexpr std::array<std::string_view, 6> kWords = {"y", "n", "yes", "no", "on", "off"};
    return std::ranges::find(kWords, to_lower(text)) != kWords.end();
}

/// Without quotes only what no reader can mistake: it starts with a letter, '/' or '_', and has no
/// character with a meaning.
bool can_be_plain(std::string_view text) {
    if (text.empty() || text.size() > kMaxSimpleKey || text.back() == ' ' || text.back() == ':') {
        return false;
    }
    if (!is_letter(text.front()) && text.front() != '/' && text.front() != '_') { return false; }
    const auto harmless = [](char c) {
        return is_alphanumeric(c) ||
               std::string_view(" _-./:;()+$=<>").find(c) != std::string_view::npos;
    };
    return std::ranges::all_of(text, harmless) && text.find(": ") == std::string_view::npos &&
           !resolve_plain_scalar(text) && !is_old_boolean(text);
}

/// Several lines read best as a literal block; only texts without surprises at the ends of lines
/// are written so.
bool can_be_block(std::string_view text) {
    if (text.find('\n') == std::string_view::npos || text.front() == '\n' || text.front() == ' ' ||
        text.ends_with("\n\n")) {
        return false;
    }
    const auto strange = [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F;
    };
    if (std::ranges::any_of(text, strange)) { return false; }
    // Next line, line and paragraph separators, byte order mark.
    for (const std::string_view special :
         {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF"}) {
        if (text.find(special) != std::string_view::npos) { return false; }
    }
    return std::ranges::all_of(split(text, '\n'), [](std::string_view line) {
        return line.empty() || line.find_first_not_of(' ') != std::string_view::npos;
    });
}

/// JSON's escapes are YAML's too; what is not printable in YAML is escaped on top.
std::string double_quoted(std::string_view text) {
    std::string result = dump(Json(std::string(text)));
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSpecial = {
        {{"\x7F", "\\x7F"},
         {"\xC2\x85", "\\u0085"},
         {"\xE2\x80\xA8", "\\u2028"},
         {"\xE2\x80\xA9", "\\u2029"},
         {"\xEF\xBB\xBF", "\\uFEFF"}}};
    for (const auto& [raw, escaped] : kSpecial) {
        for (std::size_t at = result.find(raw); at != std::string::npos;
             at = result.find(raw, at + escaped.size())) {
            result.replace(at, raw.size(), escaped);
        }
    }
    return result;
}

class Writer {
public:
    std::string take() { return std::move(out_); }

    /// Behind "key:" or "-" on the same line, or at the start of the document.
    void value(const Json& json, std::size_t indent, std::string_view before) {
        if (json.is_object() && !json.empty()) { return object(json, indent, before); }
        if (json.is_array() && !json.empty()) { return array(json, indent, before); }
        if (!out_.empty()) { out_ += ' '; }
        if (json.is_string()) {
            string(json.get_ref<const std::string&>(), indent);
        } else {
            out_ += dump(json);
        }
        out_ += '\n';
    }

private:
    void start_line(std::size_t indent, std::string_view before, bool first) {
        if (first && before == "-") {
            out_ += ' ';  // the first member stands beside its dash
            return;
        }
        if (first && !out_.empty()) { out_ += '\n'; }
        out_.append(indent, ' ');
    }

    void object(const Json& json, std::size_t indent, std::string_view before) {
        bool first = true;
        for (const auto& [name, member] : json.get_ref<const Json::object_t&>()) {
            start_line(indent, before, first);
            first = false;
            const std::string key = can_be_plain(name) ? name : double_quoted(name);
            if (key.size() <= kMaxSimpleKey) {
                out_ += key + ":";
            } else {
                out_ += "? " + key + "\n" + std::string(indent, ' ') + ":";
            }
            value(member, indent + 2, ":");
        }
    }

    void array(const Json& json, std::size_t indent, std::string_view before) {
        bool first = true;
        for (const Json& element : json.get_ref<const Json::array_t&>()) {
            start_line(indent, before, first);
            first = false;
            out_ += '-';
            value(element, indent + 2, "-");
        }
    }

    void string(std::string_view text, std::size_t indent) {
        if (can_be_plain(text)) {
            out_ += text;
        } else if (!can_be_block(text)) {
            out_ += double_quoted(text);
        } else {
            const bool ends = text.back() == '\n';
            out_ += ends ? "|" : "|-";
            for (const std::string_view line :
                 split(ends ? text.substr(0, text.size() - 1) : text, '\n')) {
                out_ += '\n';
                if (!line.empty()) {
                    out_ += std::string(std::max<std::size_t>(indent, 2), ' ') + std::string(line);
                }
            }
        }
    }

    std::string out_;
};

}  // namespace

std::string to_yaml(const Json& value) {
    Writer writer;
    writer.value(value, 0, "");
    return writer.take();
}

}  // namespace lintel::data
