// The settings in force: flags, then the environment, then lintel.yaml, then defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/listen_entry.h"
#include "app/settings_table.h"
#include "async/socket.h"
#include "base/error.h"
#include "base/ip_address.h"
#include "data/json.h"

namespace lintel::app {

enum class Origin { Default, File, Environment, Flag };
std::string_view name(Origin origin);  ///< "default", "file", "environment", "flag"

/// Texts by setting name ("admin.listen"); what was not given is not there.
using SettingTexts = std::map<std::string, std::string, std::less<>>;

struct SettingSources {
    SettingTexts flags;
    SettingTexts environment;
    SettingTexts file;
    std::vector<Fault> file_faults = {};  ///< keys of the file that are no settings
};

/// Role: the checked value of every setting. Immutable; made once at start.
class Settings {
public:
    /// ConfigInvalid with a fault per setting that is not right.
    static Result<Settings> build(const SettingSources& sources);

    const std::string& text(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;
    std::chrono::seconds duration(std::string_view name) const;
    bool flag(std::string_view name) const;
    /// REQUIRES: an address setting that is not empty.
    async::SocketAddress address(std::string_view name) const;
    std::vector<std::string> list(std::string_view name) const;
    std::vector<IpRange> ranges(std::string_view name) const;
    std::vector<ListenEntry> listeners(std::string_view name) const;
    Origin origin(std::string_view name) const;

    /// {name, value, origin, doc, needs_restart} each, in the order of the table.
    data::Json to_json() const;

private:
    struct Value {
        std::string text;
        Origin origin = Origin::Default;
    };
    const Value& value(std::string_view name) const;

    std::map<std::string, Value, std::less<>> values_;
};

/// LINTEL_* of the process by setting name. `unknown` gets names that look like ours and are not.
SettingTexts read_environment(const char* const* environment, std::vector<std::string>& unknown);

/// Fills `file` and `file_faults`: nested members become dotted names, unknown keys become faults
/// with a suggestion. Fails when the file cannot be read at all.
Status read_settings_file(const std::string& path, SettingSources& sources);

struct HostAndPort {
    std::string host;  ///< without brackets
    std::uint16_t port = 0;
};
/// "127.0.0.1:8080", "[::1]:8080", ":8080" (every address).
Result<HostAndPort> parse_host_and_port(std::string_view text);
/// "90", "90s", "30m", "8h", "90d".
Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace lintel::app
