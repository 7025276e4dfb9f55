#include "app/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

#include "app/suggestion.h"
#include "base/assert.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "data/yaml.h"
#include "sql/server.h"

namespace lintel::app {

namespace {

using data::Json;

constexpr std::string_view kPrefix = "LINTEL_";
/// Variables of ours that are no settings: the command line and the first start read them.
constexpr std::string_view kOtherVariables[] = {
    "LINTEL_CONFIG",     "LINTEL_SERVER",         "LINTEL_TOKEN",
    "LINTEL_ADMIN_USER", "LINTEL_ADMIN_PASSWORD", "LINTEL_ADMIN_PASSWORD_FILE",
    "LINTEL_BINARY",     "LINTEL_UPGRADE_FD",     "LINTEL_GATEWAY",
};
constexpr std::size_t kMaxSettingsBytes = 1U << 20;
/// They are gone through for every connection or request.
constexpr std::size_t kMaxRanges = 256;

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

std::optional<bool> parse_flag(std::string_view text) {
    if (text == "true" || text == "1" || text == "yes" || text == "on") { return true; }
    if (text == "false" || text == "0" || text == "no" || text == "off") { return false; }
    return std::nullopt;
}

std::vector<std::string> parse_list(std::string_view text) {
    std::vector<std::string> items;
    for (const std::string_view part : split(text, ',')) {
        const std::string_view item = trim(part);
        if (!item.empty()) { items.emplace_back(item); }
    }
    return items;
}

std::string wrong_with_ranges(std::string_view text) {
    const std::vector<std::string> items = parse_list(text);
    if (items.size() > kMaxRanges) {
        return fmt::format("names more than {} addresses and ranges", kMaxRanges);
    }
    for (const std::string& item : items) {
        if (!IpRange::parse(item)) {
            return fmt::format(
                "holds '{}', which is no address and no range; write 10.1.0.0/16, say", item);
        }
    }
    return "";
}

std::string wrong_with_listeners(const SettingInfo& setting, std::string_view text) {
    const auto entries = parse_listen_entries(text);
    if (!entries) { return entries.error().message; }
    const bool may_be_empty = setting.default_value.empty();
    return entries->empty() && !may_be_empty ? "must name at least one address" : "";
}

/// What is wrong with the text; empty: nothing.
std::string wrong_with(const SettingInfo& setting, const std::string& text) {
    const auto outside = [&](std::int64_t value) {
        return value < setting.least || value > setting.most;
    };
    switch (setting.kind) {
        case SettingKind::Address: {
            if (text.empty() && setting.default_value.empty()) { return ""; }
            const auto address = parse_host_and_port(text);
            return address ? "" : address.error().message;
        }
        case SettingKind::Integer: {
            const auto value = parse_integer(text);
            return value && !outside(*value) ? "" : "must be a number from " + bounds_text(setting);
        }
        case SettingKind::Duration: {
            const auto value = parse_duration(text);
            if (!value) { return value.error().message; }
            return outside(value->count()) ? "must be from " + bounds_text(setting) : "";
        }
        case SettingKind::Flag: return parse_flag(text) ? "" : "must be true or false";
        case SettingKind::Choice: {
            const std::vector<std::string> choices = parse_list(setting.choices);
            return std::ranges::find(choices, text) != choices.end()
                       ? ""
                       : "must be one of " + std::string(setting.choices);
        }
        case SettingKind::Ranges: return wrong_with_ranges(text);
        case SettingKind::Listen: return wrong_with_listeners(setting, text);
        case SettingKind::Url: {
            const Status right = text.empty() ? Status{} : sql::check_url(text);
            return right ? "" : right.error().message;
        }
        case SettingKind::Text:
        case SettingKind::Path:
        case SettingKind::List: break;
    }
    return "";
}

/// As it may be shown: without a password.
std::string shown(const SettingInfo& setting, const std::string& text) {
    return setting.kind == SettingKind::Url ? sql::shown_url(text) : text;
}

Error invalid(std::vector<Fault> faults) {
    std::string message = faults.size() == 1
                              ? "A setting is not right:"
                              : fmt::format("{} settings are not right:", faults.size());
    for (const Fault& fault : faults) {
        message += fmt::format("\n  {}: {}", fault.pointer, fault.detail);
    }
    return {
        .code = Code::ConfigInvalid, .message = std::move(message), .faults = std::move(faults)};
}

std::string unknown_key(std::string_view key) {
    std::vector<std::string_view> names;
    for (const SettingInfo& setting : all_settings()) {
        names.push_back(setting.name);
    }
    const std::string_view guess = nearest(key, names);
    return guess.empty() ? "is no setting; 'lintel config show --defaults' lists them all"
                         : fmt::format("is no setting; did you mean '{}'?", guess);
}

std::string scalar_text(const Json& value) {
    if (value.is_string()) { return value.get<std::string>(); }
    if (value.is_array()) {
        std::vector<std::string> items;
        for (const Json& item : value) {
            items.push_back(scalar_text(item));
        }
        return fmt::format("{}", fmt::join(items, ","));
    }
    return value.is_null() ? "" : data::dump(value);
}

void flatten(const Json& object, const std::string& prefix, SettingTexts& texts,
             std::vector<Fault>& faults) {
    for (const auto& member : object.items()) {
        const std::string name = prefix + member.key();
        if (find_setting(name) != nullptr) {
            if (member.value().is_object()) {
                faults.push_back({name, "config.type", "takes a value, not a mapping"});
            } else {
                texts[name] = scalar_text(member.value());
            }
        } else if (member.value().is_object()) {
            flatten(member.value(), name + ".", texts, faults);
        } else {
            faults.push_back({name, "config.unknown", unknown_key(name)});
        }
    }
}

}  // namespace

std::string_view name(Origin origin) {
    switch (origin) {
        case Origin::Flag: return "flag";
        case Origin::Environment: return "environment";
        case Origin::File: return "file";
        case Origin::Default: break;
    }
    return "default";
}

Result<Settings> Settings::build(const SettingSources& sources) {
    Settings settings;
    std::vector<Fault> faults = sources.file_faults;
    const auto given = [](const SettingTexts& texts, std::string_view name) {
        const auto found = texts.find(name);
        return found == texts.end() ? nullptr : &found->second;
    };
    for (const SettingInfo& setting : all_settings()) {
        Value value{.text = std::string(setting.default_value), .origin = Origin::Default};
        if (const std::string* text = given(sources.flags, setting.name)) {
            value = {*text, Origin::Flag};
        } else if (const std::string* variable = given(sources.environment, setting.name)) {
            value = {*variable, Origin::Environment};
        } else if (const std::string* member = given(sources.file, setting.name)) {
            value = {*member, Origin::File};
        }
        const std::string wrong = wrong_with(setting, value.text);
        if (!wrong.empty()) {
            faults.push_back({std::string(setting.name), "config.value",
                              fmt::format("'{}' (from the {}) {}", shown(setting, value.text),
                                          name(value.origin), wrong)});
        }
        settings.values_.emplace(setting.name, std::move(value));
    }
    if (!faults.empty()) { return fail(invalid(std::move(faults))); }
    return settings;
}

const Settings::Value& Settings::value(std::string_view name) const {
    const auto found = values_.find(name);
    LINTEL_ASSERT(found != values_.end(), "the setting is in the table");
    return found->second;
}

const std::string& Settings::text(std::string_view name) const {
    return value(name).text;
}
std::int64_t Settings::integer(std::string_view name) const {
    return parse_integer(text(name)).value_or(0);
}
std::chrono::seconds Settings::duration(std::string_view name) const {
    return parse_duration(text(name)).value_or(std::chrono::seconds(0));
}
bool Settings::flag(std::string_view name) const {
    return parse_flag(text(name)).value_or(false);
}
async::SocketAddress Settings::address(std::string_view name) const {
    // Checked when the settings were built.
    const HostAndPort parsed = parse_host_and_port(text(name)).value_or(HostAndPort{});
    return {.address = IpAddress::parse(parsed.host).value_or(IpAddress{}), .port = parsed.port};
}
std::vector<std::string> Settings::list(std::string_view name) const {
    return parse_list(text(name));
}
std::vector<IpRange> Settings::ranges(std::string_view name) const {
    std::vector<IpRange> ranges;
    for (const std::string& item : parse_list(text(name))) {
        ranges.push_back(IpRange::parse(item).value_or(IpRange{}));
    }
    return ranges;
}
std::vector<ListenEntry> Settings::listeners(std::string_view name) const {
    return parse_listen_entries(text(name)).value_or(std::vector<ListenEntry>());
}
Origin Settings::origin(std::string_view name) const {
    return value(name).origin;
}

Json Settings::to_json() const {
    Json list = Json::array();
    for (const SettingInfo& setting : all_settings()) {
        const Value& held = value(setting.name);
        list.push_back({{"name", std::string(setting.name)},
                        {"value", shown(setting, held.text)},
                        {"origin", std::string(name(held.origin))},
                        {"doc", std::string(setting.doc)},
                        {"needs_restart", setting.needs_restart}});
    }
    return list;
}

SettingTexts read_environment(const char* const* environment, std::vector<std::string>& unknown) {
    SettingTexts texts;
    for (; *environment != nullptr; ++environment) {
        const std::string_view line(*environment);
        const std::size_t equals = line.find('=');
        const std::string_view variable = line.substr(0, equals);
        if (!variable.starts_with(kPrefix) || equals == std::string_view::npos) { continue; }
        const auto setting = std::ranges::find_if(
            all_settings(),
            [&](const SettingInfo& candidate) { return environment_name(candidate) == variable; });
        if (setting != all_settings().end()) {
            texts[std::string(setting->name)] = std::string(line.substr(equals + 1));
        } else if (std::ranges::find(kOtherVariables, variable) == std::end(kOtherVariables)) {
            unknown.emplace_back(variable);
        }
    }
    return texts;
}

Status read_settings_file(const std::string& path, SettingSources& sources) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        return fail(Code::ConfigInvalid,
                    fmt::format("The settings file '{}' cannot be read", path));
    }
    if (text.view().size() > kMaxSettingsBytes) {
        return fail(Code::ConfigInvalid, fmt::format("The settings file '{}' is too large", path));
    }
    const auto yaml = data::parse_yaml(text.view());
    if (!yaml) {
        const auto& faults = yaml.error().faults;
        return fail(Code::ConfigInvalid,
                    fmt::format("{}: {}", path,
                                faults.empty() ? yaml.error().message : faults.front().detail));
    }
    if (yaml->is_null()) { return {}; }
    if (!yaml->is_object()) {
        return fail(Code::ConfigInvalid, path + ": must be a mapping of settings");
    }
    flatten(*yaml, "", sources.file, sources.file_faults);
    return {};
}

Result<HostAndPort> parse_host_and_port(std::string_view text) {
    const Error error{.code = Code::ConfigInvalid,
                      .message = "must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080"};
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) { return fail(error); }
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) { host = host.substr(1, host.size() - 2); }
    const auto port = parse_integer(text.substr(colon + 1));
    if (!port || *port < 0 || *port > 65'535) { return fail(error); }
    if (host.empty()) { host = "0.0.0.0"; }
    if (host == "localhost") { host = "127.0.0.1"; }
    if (!IpAddress::parse(host)) { return fail(error); }
    return HostAndPort{.host = std::string(host), .port = static_cast<std::uint16_t>(*port)};
}

Result<std::chrono::seconds> parse_duration(std::string_view text) {
    std::int64_t factor = 1;
    std::string_view digits = text;
    if (!digits.empty()) {
        switch (digits.back()) {
            case 's': factor = 1; break;
            case 'm': factor = 60; break;
            case 'h': factor = 3600; break;
            case 'd': factor = 86'400; break;
            default: factor = 0; break;
        }
        if (factor != 0) { digits.remove_suffix(1); }
        if (factor == 0) { factor = 1; }
    }
    const auto number = parse_integer(digits);
    constexpr std::int64_t kMost = 100LL * 365 * 86'400;
    if (!number || *number < 0 || *number > kMost / factor) {
        return fail(Code::ConfigInvalid, "must be a duration such as 90s, 30m, 8h or 90d");
    }
    return std::chrono::seconds(*number * factor);
}

}  // namespace lintel::app
