#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <iterator>

#include "base/clock.h"
#include "base/text.h"

namespace lintel::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::Debug: return spdlog::level::debug;
        case Level::Info: return spdlog::level::info;
        case Level::Warn: return spdlog::level::warn;
        case Level::Error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::Debug: return "debug";
        case Level::Info: return "info";
        case Level::Warn: return "warn";
        case Level::Error: return "error";
    }
    return "info";
}

spdlog::logger& sink() {
    static const auto logger = [] {
        auto made = std::make_shared<spdlog::logger>(
            "lintel", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return *logger;
}

void append_value(std::string& out, const Field& field) {
    struct Visitor {
        std::string& out;
        void operator()(std::string_view text) const { append_json_string(out, text); }
        void operator()(std::int64_t number) const {
            fmt::format_to(std::back_inserter(out), "{}", number);
        }
        void operator()(double number) const {
            fmt::format_to(std::back_inserter(out), "{}", number);
        }
        void operator()(bool flag) const { out += flag ? "true" : "false"; }
    };
    std::visit(Visitor{out}, field.value);
}

}  // namespace

void set_level(Level level) {
    sink().set_level(to_spdlog(level));
}

bool parse_level(std::string_view text, Level& level) {
    for (const Level candidate : {Level::Debug, Level::Info, Level::Warn, Level::Error}) {
        if (text == name_of(candidate)) {
            level = candidate;
            return true;
        }
    }
    return false;
}

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == '"' || byte == '\\') {
            out.push_back('\\');
            out.push_back(text[i++]);
        } else if (byte >= 0x20 && byte < 0x7F) {
            out.push_back(text[i++]);
        } else if (byte < 0x80) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
            ++i;
        } else if (const std::size_t length = utf8_length(text.substr(i)); length > 0) {
            const std::string_view point = text.substr(i, length);
            // The Unicode line and paragraph separators break lines for some readers.
            if (point == "\xE2\x80\xA8" || point == "\xE2\x80\xA9") {
                out += point.back() == '\xA8' ? "\\u2028" : "\\u2029";
            } else {
                out += point;
            }
            i += length;
        } else {
            out += "\\ufffd";
            ++i;
        }
    }
    out.push_back('"');
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    if (!sink().should_log(to_spdlog(level))) { return; }
    static const SystemClock clock;
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","message":)",
                                   to_rfc3339(clock.now_ms()), name_of(level));
    append_json_string(line, message);
    for (const Field& field : fields) {
        line.push_back(',');
        append_json_string(line, field.name);
        line.push_back(':');
        append_value(line, field);
    }
    line.push_back('}');
    sink().log(to_spdlog(level), fmt::runtime("{}"), line);
}

}  // namespace lintel::log
