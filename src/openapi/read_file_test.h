// For tests only: small description files, and what reading them says.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "openapi/read.h"

namespace lintel::openapi {

using data::Json;

/// A document around `paths` (flow YAML) and further top-level members.
inline std::string file(std::string_view paths, std::string_view more = "") {
    return fmt::format("openapi: 3.0.0\ninfo: {{title: T, version: '1'}}\npaths: {}\n{}\n", paths,
                       more);
}

inline ImportResult imported(std::string_view text, const ImportOptions& options = {}) {
    auto result = read(text, Format::Yaml, options);
    EXPECT_TRUE(result) << text << "\n" << (result ? "" : result.error().message);
    return result ? *std::move(result) : ImportResult{};
}

/// "pointer code" of every fault, or "imported".
inline std::string refusal(std::string_view text, const ImportOptions& options = {},
                           Format format = Format::Yaml) {
    const auto result = read(text, format, options);
    if (result) { return "imported"; }
    std::string all;
    for (const Fault& fault : result.error().faults) {
        EXPECT_FALSE(fault.detail.empty());
        all += fmt::format("{}{} {}", all.empty() ? "" : ", ", fault.pointer, fault.code);
    }
    return all;
}

inline std::string warnings(const ImportResult& result) {
    std::string all;
    for (const Fault& warning : result.warnings) {
        all += fmt::format("{}{} {}", all.empty() ? "" : ", ", warning.pointer, warning.code);
    }
    return all;
}

inline constexpr std::string_view kOk = "responses: {200: {description: ok}}";

inline std::string one(std::string_view members) {
    return file(fmt::format("{{/a: {{get: {{{}, {}}}}}}}", members, kOk));
}

}  // namespace lintel::openapi
