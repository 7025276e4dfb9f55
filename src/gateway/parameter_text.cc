#include "gateway/parameter_text.h"

#include "gateway/request_body.h"
#include "gateway/uri_text.h"

namespace lintel::gateway {

using data::Json;
using data::ParameterStyle;

QueryNames query_names(const data::ParameterShape& shape) {
    QueryNames names;
    if (shape.style == ParameterStyle::DeepObject) {
        names.prefix = shape.name + "[";
    } else if (shape.style == ParameterStyle::Form && shape.explode &&
               shape.type == data::ValueType::Object) {
        for (const auto& property : shape.properties) {
            names.exact.push_back(property.first);
        }
    } else {
        names.exact.push_back(shape.name);
    }
    return names;
}

namespace {

/// The items of an array or the members of an object, encoded and joined.
std::string joined(const Json& value, std::string_view separator, std::string_view equals) {
    std::string text;
    for (const auto& [key, item] : value.items()) {
        if (!text.empty()) { text += separator; }
        if (value.is_object()) { text += percent_encode(key) + std::string(equals); }
        text += percent_encode(text_of(item));
    }
    return text;
}

}  // namespace

std::string query_fragment(const data::ParameterShape& shape, const Json& value) {
    const std::string name = percent_encode(shape.name);
    if (!value.is_structured() || shape.style == ParameterStyle::Json) {
        return name + "=" + percent_encode(text_of(value));
    }
    if (shape.style == ParameterStyle::DeepObject && value.is_object()) {
        std::string text;
        for (const auto& [key, item] : value.items()) {
            if (!text.empty()) { text += '&'; }
            text += name + "%5B" + percent_encode(key) + "%5D=" + percent_encode(text_of(item));
        }
        return text;
    }
    if (shape.explode && value.is_object()) { return joined(value, "&", "="); }
    if (shape.explode) { return name + "=" + joined(value, "&" + name + "=", ""); }
    if (shape.style == ParameterStyle::SpaceDelimited) {
        return name + "=" + joined(value, "%20", "%20");
    }
    if (shape.style == ParameterStyle::PipeDelimited) {
        return name + "=" + joined(value, "%7C", "%7C");
    }
    return name + "=" + joined(value, ",", ",");
}

std::string field_text(const data::ParameterShape& shape, const Json& value) {
    if (!value.is_structured() || shape.style == ParameterStyle::Json) { return text_of(value); }
    std::string text;
    for (const auto& [key, item] : value.items()) {
        if (!text.empty()) { text += ','; }
        if (value.is_object()) { text += key + (shape.explode ? "=" : ","); }
        text += text_of(item);
    }
    return text;
}

}  // namespace lintel::gateway
