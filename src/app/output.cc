#include "app/output.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "data/yaml.h"

namespace lintel::app {

namespace {

using data::Json;

std::string cell(const Json* value) {
    if (value == nullptr || value->is_null()) { return "-"; }
    if (value->is_string()) {
        const auto& text = value->get_ref<const std::string&>();
        return text.empty() ? "-" : text;
    }
    if (value->is_boolean()) { return value->get<bool>() ? "yes" : "no"; }
    if (value->is_array()) {
        std::vector<std::string> parts;
        for (const Json& item : *value) {
            // A deployment in a list says most by its environment, a server by its address.
            const Json* most = data::find(item, "environment");
            if (most == nullptr) { most = data::find(item, "address"); }
            parts.push_back(cell(most == nullptr ? &item : most));
        }
        return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, ","));
    }
    return data::dump(*value);
}

/// Code points, so that names in any script line up.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void write(std::FILE* file, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
}

}  // namespace

std::string to_table(const Json& items, const std::vector<Column>& columns) {
    std::vector<std::vector<std::string>> rows(1);
    for (const Column& column : columns) {
        rows.front().emplace_back(column.heading);
    }
    for (const Json& item : items) {
        std::vector<std::string>& row = rows.emplace_back();
        for (const Column& column : columns) {
            row.push_back(cell(data::resolve_pointer(item, column.pointer)));
        }
    }
    std::vector<std::size_t> widths(columns.size(), 0);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width(row[i]));
        }
    }
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += row[i];
            if (i + 1 < row.size()) { text.append(widths[i] - width(row[i]) + 2, ' '); }
        }
        text += "\n";
    }
    return text;
}

std::string to_lines(const Json& object) {
    std::size_t widest = 0;
    for (const auto& member : object.items()) {
        widest = std::max(widest, member.key().size());
    }
    std::string text;
    for (const auto& member : object.items()) {
        const bool is_nested = member.value().is_object();
        text += fmt::format("{:<{}}  {}\n", member.key(), widest,
                            is_nested ? data::dump(member.value()) : cell(&member.value()));
    }
    return text;
}

void print_data(const Json& items, OutputFormat format, const std::vector<Column>& columns) {
    switch (format) {
        case OutputFormat::Json:
            print_text(data::dump_pretty(items.is_array() ? Json{{"items", items}} : items) + "\n");
            break;
        case OutputFormat::Yaml:
            print_text(data::to_yaml(items.is_array() ? Json{{"items", items}} : items));
            break;
        case OutputFormat::Table:
            print_text(items.is_array() ? to_table(items, columns) : to_lines(items));
            break;
    }
}

void print_text(std::string_view text) {
    write(stdout, text);
}

void tell(std::string_view sentence) {
    write(stderr, std::string(sentence) + "\n");
}

}  // namespace lintel::app
