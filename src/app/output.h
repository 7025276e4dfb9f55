// What commands print: data on the standard output, talk on the standard error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/json.h"

namespace lintel::app {

enum class OutputFormat { Table, Json, Yaml };

/// One column of a table: its heading and where its value stands in an item (JSON pointer).
struct Column {
    std::string_view heading;
    std::string_view pointer;
};

/// Two spaces between columns, no line longer than its content; "-" for what is not there.
std::string to_table(const data::Json& items, const std::vector<Column>& columns);
/// One member a line, aligned; for a single object.
std::string to_lines(const data::Json& object);

/// `items` is an array (a list) or an object.
void print_data(const data::Json& items, OutputFormat format, const std::vector<Column>& columns);
void print_text(std::string_view text);
/// A sentence for people, on the standard error.
void tell(std::string_view sentence);

}  // namespace lintel::app
