// Every setting, declared once: from this table come flags, environment names, `config check`,
// `config show` and docs/settings.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lintel::app {

enum class SettingKind {
    Text,
    Path,
    Address,   ///< HOST:PORT
    Integer,   ///< within [least, most]
    Duration,  ///< seconds, or "90s", "30m", "8h", "90d"; within [least, most] seconds
    Flag,
    Choice,  ///< one of `choices`
    List,    ///< separated by commas
    Ranges,  ///< a list of addresses and CIDR blocks
    Listen,  ///< a list of places to listen (app/listen_entry.h)
    Url,     ///< of a database server; shown without its password
};

struct SettingInfo {
    std::string_view name;  ///< dotted, as in lintel.yaml
    SettingKind kind;
    std::string_view default_value;
    std::string_view doc;      ///< one or two sentences
    std::string_view example;  ///< a value one might set
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::string_view choices = {};  ///< "debug, info"
    bool needs_restart = true;
};

std::span<const SettingInfo> all_settings();
const SettingInfo* find_setting(std::string_view name);

std::string flag_name(const SettingInfo& setting);         ///< "--admin-listen"
std::string environment_name(const SettingInfo& setting);  ///< "LINTEL_ADMIN_LISTEN"
std::string_view kind_name(SettingKind kind);
/// "1024 to 10485760", "debug, info, warn, error", "" when there are none.
std::string bounds_text(const SettingInfo& setting);

}  // namespace lintel::app
