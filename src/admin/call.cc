#include "admin/call.h"

#include "base/assert.h"

namespace lintel::admin {

namespace {

std::optional<std::string> text_of(const data::Json& object, std::string_view name) {
    const data::Json* value = data::find(object, name);
    if (value == nullptr || !value->is_string()) { return std::nullopt; }
    return value->get<std::string>();
}

/// 2.0 is an integer too, as JSON Schema has it.
std::optional<std::int64_t> integer_of(const data::Json& object, std::string_view name) {
    const data::Json* value = data::find(object, name);
    if (value == nullptr || !data::is_integer(*value)) { return std::nullopt; }
    return value->get<std::int64_t>();
}

bool flag_of(const data::Json& object, std::string_view name, bool otherwise) {
    const data::Json* value = data::find(object, name);
    return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
}

std::vector<std::string> texts_of(const data::Json& object, std::string_view name) {
    const data::Json* list = data::find(object, name);
    return list == nullptr ? std::vector<std::string>{} : list->get<std::vector<std::string>>();
}

}  // namespace

const std::string& Call::path_text(std::string_view name) const {
    const data::Json* value = data::find(path, name);
    LINTEL_ASSERT(value != nullptr && value->is_string(), "the contract declares the parameter");
    return value->get_ref<const std::string&>();
}

std::string Call::gateway_path() const {
    return "/api/v1/gateways/" + path_text("gateway");
}

std::optional<std::string> Call::query_text(std::string_view name) const {
    return text_of(query, name);
}
std::optional<std::int64_t> Call::query_integer(std::string_view name) const {
    return integer_of(query, name);
}
bool Call::query_flag(std::string_view name) const {
    return flag_of(query, name, false);
}

std::vector<model::LabelFilter> Call::query_labels() const {
    std::vector<model::LabelFilter> labels;
    for (const std::string& text : texts_of(query, "label")) {
        labels.push_back(model::LabelFilter::parse(text));
    }
    return labels;
}

management::PageRequest Call::page() const {
    management::PageRequest request;
    if (const auto size = query_integer("page_size")) {
        request.page_size = static_cast<int>(*size);
    }
    request.page_token = query_text("page_token").value_or("");
    return request;
}

std::optional<std::string> Call::body_text(std::string_view name) const {
    return text_of(body, name);
}
std::optional<std::int64_t> Call::body_integer(std::string_view name) const {
    return integer_of(body, name);
}
bool Call::body_flag(std::string_view name, bool otherwise) const {
    return flag_of(body, name, otherwise);
}
std::optional<bool> Call::body_switch(std::string_view name) const {
    const data::Json* value = data::find(body, name);
    if (value == nullptr || !value->is_boolean()) { return std::nullopt; }
    return value->get<bool>();
}

std::vector<std::string> Call::body_texts(std::string_view name) const {
    return texts_of(body, name);
}

std::string_view family_name(model::Family family) {
    switch (family) {
        case model::Family::Policy: return "policy";
        case model::Family::Auth: return "auth";
        case model::Family::Backend: break;
    }
    return "backend";
}

Answer Answer::shown(data::Json body, std::optional<std::int64_t> version) {
    return {.status = 200, .body = std::move(body), .version = version};
}

Answer Answer::created(data::Json body, std::string location, std::uint64_t revision) {
    return {.status = 201,
            .body = std::move(body),
            .revision = revision,
            .location = std::move(location)};
}

Answer Answer::written(data::Json body, std::optional<std::int64_t> version,
                       std::uint64_t revision) {
    return {.status = 200, .body = std::move(body), .version = version, .revision = revision};
}

Answer Answer::gone(std::optional<std::uint64_t> revision) {
    return {.status = 204, .revision = revision};
}

Answer Answer::made_at(std::string where) && {
    status = 201;
    location = std::move(where);
    return std::move(*this);
}

}  // namespace lintel::admin
