#include "management/audit_csv.h"

#include <array>
#include <string_view>

namespace lintel::management {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

/// Quoted as a whole. Spreadsheets take a cell that begins so for a formula, whoever wrote it: the
/// apostrophe makes it text.
void put_cell(std::string& csv, std::string_view text) {
    csv += '"';
    if (!text.empty() && std::string_view("=+-@\t\r\n").contains(text.front())) { csv += '\''; }
    for (const char c : text) {
        if (c == '"') { csv += '"'; }
        csv += c;
    }
    csv += '"';
}

template <std::size_t N>
void put_line(std::string& csv, const std::array<std::string_view, N>& cells) {
    for (std::size_t i = 0; i < N; ++i) {
        if (i > 0) { csv += ','; }
        put_cell(csv, cells[i]);
    }
    csv += kLineEnd;
}

std::string text_of(const data::Json& json) {
    return json.is_null() ? std::string() : data::dump(json);
}

}  // namespace

std::string to_csv(const std::vector<model::AuditEvent>& events) {
    std::string csv;
    put_line(csv, std::array<std::string_view, 14>{"id", "at", "actor", "token_id", "remote",
                                                   "request_id", "action", "object_type",
                                                   "object_id", "object_name", "project", "result",
                                                   "before", "after"});
    for (const model::AuditEvent& event : events) {
        const std::string at = to_rfc3339(event.at);
        const std::string before = text_of(event.before);
        const std::string after = text_of(event.after);
        put_line(csv, std::array<std::string_view, 14>{
                          event.id.str(), at, event.actor, event.token_id, event.remote,
                          event.request_id, event.action, event.object_type, event.object_id,
                          event.object_name, event.project_id.str(), event.result, before, after});
    }
    return csv;
}

}  // namespace lintel::management
