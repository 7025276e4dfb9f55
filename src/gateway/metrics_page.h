// The Prometheus text format, version 0.0.4: what all pages of metrics are written with.
#pragma once

#include <fmt/core.h>

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace lintel::gateway {

/// Grows a page of metrics. Label values are escaped by who formats them.
class MetricsPage {
public:
    void family(std::string_view name, std::string_view type, std::string_view help) {
        format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
    }
    template <typename... Arguments>
    void format(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
        fmt::format_to(std::back_inserter(out_), text, std::forward<Arguments>(arguments)...);
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

}  // namespace lintel::gateway
