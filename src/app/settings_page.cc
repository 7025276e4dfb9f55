#include "app/settings_page.h"

#include <fmt/core.h>

#include "app/settings_table.h"

namespace lintel::app {

namespace {

constexpr std::string_view kOpening = R"(# Settings of `lintel serve`

Each setting can be given as a flag, as an environment variable, or in the settings file. A flag
wins over the environment, the environment over the file, the file over the default. The file is
`lintel.yaml` in the current directory, or the one that `--config` or `LINTEL_CONFIG` names; its
keys are the dotted names below, nested:

```yaml
admin:
  listen: 127.0.0.1:9080
log_level: warn
```

`lintel config check` checks them, `lintel config show` says which value is in force and where it
came from. An unknown key in the file is an error; an unknown `LINTEL_` variable is told and
ignored. Durations are seconds, or a number with `s`, `m`, `h` or `d`. All settings are read at
start; those marked so are read again at SIGHUP.

Three variables are no settings: `LINTEL_ADMIN_USER` with `LINTEL_ADMIN_PASSWORD` or
`LINTEL_ADMIN_PASSWORD_FILE` makes the first administrator of an empty store.

This page is generated from `src/app/settings_table.cc`; `LINTEL_UPDATE_DOCS=1 app_test` writes it.
)";

std::string code_or_dash(std::string_view text) {
    return text.empty() ? "none" : fmt::format("`{}`", text);
}

}  // namespace

std::string settings_page() {
    std::string page(kOpening);
    for (const SettingInfo& setting : all_settings()) {
        const std::string bounds = bounds_text(setting);
        page += fmt::format("\n## {}\n\n{}\n\n", setting.name, setting.doc);
        page += fmt::format("- flag `{}`, environment `{}`\n", flag_name(setting),
                            environment_name(setting));
        page += fmt::format("- {}{}, default {}, for example `{}`\n", kind_name(setting.kind),
                            bounds.empty() ? "" : ": " + bounds,
                            code_or_dash(setting.default_value), setting.example);
        if (!setting.needs_restart) { page += "- read again at SIGHUP\n"; }
    }
    return page;
}

}  // namespace lintel::app
