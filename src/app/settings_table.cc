#include "app/settings_table.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace lintel::app {

namespace {

constexpr std::int64_t kDay = 86'400;

constexpr auto kSettings = std::to_array<SettingInfo>({
    {.name = "data",
     .kind = SettingKind::Path,
     .default_value = "./data",
     .doc = "Directory of the store and the master key. It is made when it is missing.",
     .example = "/var/lib/lintel"},
    {.name = "store",
     .kind = SettingKind::Url,
     .default_value = "",
     .doc = "PostgreSQL database that holds the store, which several processes may share "
            "(docs/store.md). Empty: an SQLite file in the data directory.",
     .example = "postgres://lintel@db.example.com:5432/lintel?sslmode=verify-full"},
    {.name = "store_password_file",
     .kind = SettingKind::Path,
     .default_value = "",
     .doc = "File whose first line is the password for 'store'. Empty: the one of the URL, of "
            "PGPASSWORD or of a passfile.",
     .example = "/etc/lintel/store.password"},
    {.name = "master_key_file",
     .kind = SettingKind::Path,
     .default_value = "",
     .doc = "File with the master key that seals secrets at rest. Empty: master.key in the data "
            "directory, made at the first start.",
     .example = "/etc/lintel/master.key"},
    {.name = "listen",
     .kind = SettingKind::Listen,
     .default_value = "0.0.0.0:8080",
     .doc = "Where callers reach published APIs: ADDRESS:PORT or unix:/PATH, several separated by "
            "commas. Behind one may stand 'proxy_protocol' (see proxy_protocol_from), behind a "
            "unix socket 'mode=0660'.",
     .example = "127.0.0.1:8080, unix:/run/lintel/http.sock mode=0600"},
    {.name = "tls.listen",
     .kind = SettingKind::Listen,
     .default_value = "",
     .doc = "Where callers reach published APIs with TLS, written as in 'listen'. Empty: "
            "0.0.0.0:8443 when tls.certificate is set or the gateway has a certificate at the "
            "start, else nowhere.",
     .example = "0.0.0.0:443, 10.0.0.5:8443 proxy_protocol"},
    {.name = "tls.certificate",
     .kind = SettingKind::Path,
     .default_value = "",
     .doc =
         "File with the server's certificate in PEM, its chain behind it. Empty: with tls.listen "
         "a self-signed one, made at the first start and kept in the data directory.",
     .example = "/etc/lintel/tls/fullchain.pem"},
    {.name = "tls.key",
     .kind = SettingKind::Path,
     .default_value = "",
     .doc = "File with the private key of tls.certificate in PEM, without a password.",
     .example = "/etc/lintel/tls/privkey.pem"},
    {.name = "tls.public_port",
     .kind = SettingKind::Integer,
     .default_value = "0",
     .doc = "Port callers use for https, where domains redirect plain calls to. 0: that of "
            "tls.listen.",
     .example = "443",
     .least = 0,
     .most = 65'535},
    {.name = "proxy_protocol_from",
     .kind = SettingKind::Ranges,
     .default_value = "",
     .doc =
         "Load balancers that may connect to addresses with 'proxy_protocol' and must say with a "
         "PROXY header (version 1 or 2) whose connection they bring. Nobody else may connect "
         "there.",
     .example = "10.0.0.0/24"},
    {.name = "trusted_proxies",
     .kind = SettingKind::Ranges,
     .default_value = "",
     .doc = "Reverse proxies whose word about the client counts: the client's address, "
            "X-Forwarded-Proto and X-Forwarded-Host. What anybody else sends there is replaced.",
     .example = "10.0.0.7, 192.168.0.0/16",
     .needs_restart = false},
    {.name = "trusted_proxy_header",
     .kind = SettingKind::Choice,
     .default_value = "x_forwarded_for",
     .doc =
         "Where trusted proxies write the client's address: X-Forwarded-For, or Forwarded of RFC "
         "7239.",
     .example = "forwarded",
     .choices = "x_forwarded_for, forwarded",
     .needs_restart = false},
    {.name = "connections.max",
     .kind = SettingKind::Integer,
     .default_value = "50000",
     .doc = "Connections of callers open at once. Fewer when the limit of open files is lower.",
     .example = "10000",
     .least = 1,
     .most = 10'000'000},
    {.name = "connections.per_client",
     .kind = SettingKind::Integer,
     .default_value = "200",
     .doc =
         "Connections that one client address (of IPv6: one /64) may have open at once; more are "
         "refused. Trusted proxies and unix sockets have no such limit. 0: nobody has one.",
     .example = "50",
     .least = 0,
     .most = 10'000'000,
     .needs_restart = false},
    {.name = "requests.max_in_flight",
     .kind = SettingKind::Integer,
     .default_value = "10000",
     .doc = "Calls under way at once; more are answered 503 with Retry-After. 0: any number.",
     .example = "2000",
     .least = 0,
     .most = 10'000'000},
    {.name = "memory.max_bytes",
     .kind = SettingKind::Integer,
     .default_value = "0",
     .doc =
         "Memory the process should stay below: from 85 % of it calls are answered 503, from 95 % "
         "connections are closed at once. 0: the limit of its control group, if there is one.",
     .example = "1073741824",
     .least = 0,
     .most = 1LL << 50},
    {.name = "admin.listen",
     .kind = SettingKind::Address,
     .default_value = "127.0.0.1:9080",
     .doc = "Where the management API, health and metrics answer. Keep it off the public network.",
     .example = "10.0.0.5:9080"},
    {.name = "admin.hosts",
     .kind = SettingKind::List,
     .default_value = "",
     .doc = "Host names the management API answers to besides localhost and addresses.",
     .example = "lintel.example.com"},
    {.name = "admin.url",
     .kind = SettingKind::Text,
     .default_value = "",
     .doc = "Where people reach the management API, for links in mails. Empty: mails have none.",
     .example = "https://lintel.example.com"},
    {.name = "smtp.url",
     .kind = SettingKind::Text,
     .default_value = "",
     .doc = "Server that takes mails about applications and subscriptions (docs/events.md): "
            "smtp://HOST:PORT or smtps://HOST:PORT. Empty: no mails.",
     .example = "smtp://mail.example.com:587"},
    {.name = "smtp.starttls",
     .kind = SettingKind::Choice,
     .default_value = "required",
     .doc = "With smtp://; required: nothing is sent before the connection is secured and the "
            "server has proved who it is; none: in clear, for a server on this machine.",
     .example = "none",
     .choices = "required, none"},
    {.name = "smtp.user",
     .kind = SettingKind::Text,
     .default_value = "",
     .doc = "User to log in to smtp.url with. Empty: no log-in.",
     .example = "lintel"},
    {.name = "smtp.password_file",
     .kind = SettingKind::Path,
     .default_value = "",
     .doc = "File whose first line is the password of smtp.user.",
     .example = "/etc/lintel/smtp.password"},
    {.name = "smtp.from",
     .kind = SettingKind::Text,
     .default_value = "",
     .doc = "Address mails come from; needed with smtp.url.",
     .example = "lintel@example.com"},
    {.name = "base_domain",
     .kind = SettingKind::Text,
     .default_value = "localhost",
     .doc = "Below it, '{service code}-{environment}.{base domain}' calls a service.",
     .example = "api.example.com"},
    {.name = "call_base",
     .kind = SettingKind::Text,
     .default_value = "",
     .doc = "Scheme and authority callers use, for description files. Empty: http, localhost and "
            "the port of 'listen'.",
     .example = "https://api.example.com"},
    {.name = "workers",
     .kind = SettingKind::Integer,
     .default_value = "0",
     .doc = "Threads that serve calls. 0: one per processor.",
     .example = "4",
     .least = 0,
     .most = 256},
    {.name = "access_log",
     .kind = SettingKind::Path,
     .default_value = "-",
     .doc = "File of the access log (JSON lines), '-' for the standard output, 'off' for none. "
            "SIGHUP opens it again.",
     .example = "/var/log/lintel/access.log"},
    {.name = "log_level",
     .kind = SettingKind::Choice,
     .default_value = "info",
     .doc = "Least level of the operational log on the standard error.",
     .example = "warn",
     .choices = "debug, info, warn, error",
     .needs_restart = false},
    {.name = "production",
     .kind = SettingKind::Flag,
     .default_value = "false",
     .doc = "Refuses backends on loopback and private addresses unless outbound.allow names them.",
     .example = "true"},
    {.name = "outbound.allow",
     .kind = SettingKind::Ranges,
     .default_value = "",
     .doc = "Private addresses or ranges that backends may use with 'production'.",
     .example = "10.1.0.0/16, 192.168.7.9"},
    {.name = "body.max_bytes",
     .kind = SettingKind::Integer,
     .default_value = "10485760",
     .doc = "Largest request body of a call.",
     .example = "1048576",
     .least = 1024,
     .most = 1'073'741'824},
    {.name = "explain_refusals",
     .kind = SettingKind::Choice,
     .default_value = "outside_release",
     .doc = "Whether a refused caller reads the reason and the expected text to sign, or only the "
            "code; outside_release: in every environment but 'release'.",
     .example = "never",
     .choices = "never, outside_release, always"},
    {.name = "import.max_bytes",
     .kind = SettingKind::Integer,
     .default_value = "102400",
     .doc = "Largest OpenAPI file that can be imported.",
     .example = "1048576",
     .least = 1024,
     .most = 10'485'760},
    {.name = "session.life",
     .kind = SettingKind::Duration,
     .default_value = "8h",
     .doc = "How long a log-in lasts.",
     .example = "1h",
     .least = 60,
     .most = 30 * kDay},
    {.name = "token.life",
     .kind = SettingKind::Duration,
     .default_value = "90d",
     .doc = "How long a token lasts when nothing else is asked for.",
     .example = "30d",
     .least = 60,
     .most = 3650 * kDay},
    {.name = "token.life_max",
     .kind = SettingKind::Duration,
     .default_value = "365d",
     .doc = "The longest life a token may be given.",
     .example = "90d",
     .least = 60,
     .most = 3650 * kDay},
    {.name = "approvals.forbid_own",
     .kind = SettingKind::Flag,
     .default_value = "false",
     .doc = "Nobody decides about an application of his own: a second administrator is needed.",
     .example = "true"},
    {.name = "drain",
     .kind = SettingKind::Duration,
     .default_value = "15s",
     .doc = "At a stop, calls in flight get this long to finish.",
     .example = "60s",
     .least = 0,
     .most = 3600},
});

std::string renamed(std::string_view name, char separator) {
    std::string text(name);
    std::ranges::replace(text, '.', separator);
    std::ranges::replace(text, '_', separator);
    return text;
}

}  // namespace

std::span<const SettingInfo> all_settings() {
    return kSettings;
}

const SettingInfo* find_setting(std::string_view name) {
    const auto found = std::ranges::find(kSettings, name, &SettingInfo::name);
    return found == kSettings.end() ? nullptr : &*found;
}

std::string flag_name(const SettingInfo& setting) {
    return "--" + renamed(setting.name, '-');
}

std::string environment_name(const SettingInfo& setting) {
    std::string text = "LINTEL_" + renamed(setting.name, '_');
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

std::string_view kind_name(SettingKind kind) {
    switch (kind) {
        case SettingKind::Text: return "text";
        case SettingKind::Path: return "path";
        case SettingKind::Address: return "address";
        case SettingKind::Integer: return "integer";
        case SettingKind::Duration: return "duration";
        case SettingKind::Flag: return "true or false";
        case SettingKind::Choice: return "choice";
        case SettingKind::Ranges: return "addresses and ranges";
        case SettingKind::Listen: return "addresses to listen on";
        case SettingKind::Url: return "URL";
        case SettingKind::List: break;
    }
    return "list";
}

std::string bounds_text(const SettingInfo& setting) {
    if (setting.kind == SettingKind::Choice) { return std::string(setting.choices); }
    if (setting.most == 0) { return ""; }
    const std::string_view unit = setting.kind == SettingKind::Duration ? " seconds" : "";
    return fmt::format("{} to {}{}", setting.least, setting.most, unit);
}

}  // namespace lintel::app
