// The operational log: one JSON object a line on stderr. The message is constant, the data is in
// the fields; secrets and bodies never go in. The access log is not this log.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace lintel::log {

enum class Level { Debug, Info, Warn, Error };

struct Field {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> value;

    Field(std::string_view field, std::string_view text) : name(field), value(text) {}
    Field(std::string_view field, const std::string& text)
        : name(field), value(std::string_view(text)) {}
    Field(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
    Field(std::string_view field, bool flag) : name(field), value(flag) {}
    Field(std::string_view field, double number) : name(field), value(number) {}
    template <typename Integer>
        requires std::is_integral_v<Integer>
    Field(std::string_view field, Integer number)
        : name(field), value(static_cast<std::int64_t>(number)) {}
};

/// Messages below the level are dropped. Default: Info.
void set_level(Level level);
bool parse_level(std::string_view text, Level& level);

void write(Level level, std::string_view message, std::initializer_list<Field> fields);
inline void debug(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::Debug, message, fields);
}
inline void info(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::Info, message, fields);
}
inline void warn(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::Warn, message, fields);
}
inline void error(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::Error, message, fields);
}

/// Appends `text` as a JSON string with quotes. Everything below U+0020, DEL and invalid UTF-8 is
/// escaped, so the result is one line whatever came in.
void append_json_string(std::string& out, std::string_view text);

}  // namespace lintel::log
