#include "openapi/schemas.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"

namespace lintel::openapi {
namespace {

using data::Json;

constexpr std::string_view kComponents = "/components/schemas/";
constexpr std::size_t kMaxNameLength = 100;
constexpr data::SchemaOptions kOptions = {.dialect = data::Dialect::OpenApi30,
                                          .skip_unsupported_patterns = true};

bool in(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

/// What the schema object of OpenAPI 3.0 has beside subschemas, without what no check reads
/// (discriminator, xml, externalDocs). References may lead to objects that are no schemas; what
/// they have in excess would make the exported file invalid.
bool is_keyword(std::string_view name) {
    return in(name, {"title",         "multipleOf",       "maximum",   "exclusiveMaximum",
                     "minimum",       "exclusiveMinimum", "maxLength", "minLength",
                     "pattern",       "maxItems",         "minItems",  "uniqueItems",
                     "maxProperties", "minProperties",    "required",  "enum",
                     "type",          "description",      "format",    "default",
                     "nullable",      "readOnly",         "writeOnly", "example",
                     "deprecated"});
}

/// Names of components are limited to these characters.
std::string cleaned(std::string_view name) {
    std::string result;
    for (const char c : name.substr(0, kMaxNameLength)) {
        const bool fine = is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
        result += fine ? c : '_';
    }
    return result.empty() ? "schema" : result;
}

}  // namespace

Schemas::Schemas(Source& source)
    : source_(source), enforced_(source.root(), kOptions), described_(source.root(), kOptions) {}

Json Schemas::take(const Place& schema, bool enforced) {
    check(schema, enforced);
    return copy(schema);
}

void Schemas::check(const Place& schema, bool enforced) {
    data::SchemaCompiler& compiler = enforced ? enforced_ : described_;
    const std::size_t told = compiler.warnings().size();
    if (const auto compiled = compiler.compile(*schema.value, schema.pointer); !compiled) {
        for (const Fault& fault : compiled.error().faults) {
            // copy() tells about references, in the words of the file.
            if (fault.code == "schema.ref") { continue; }
            if (enforced) {
                source_.fault(fault.pointer, fault.code, fault.detail);
            } else {
                source_.warn(fault.pointer, fault.code, fault.detail);
            }
        }
    }
    for (std::size_t i = told; i < compiler.warnings().size(); ++i) {
        const Fault& warning = compiler.warnings()[i];
        source_.warn(warning.pointer, warning.code, warning.detail);
    }
}

Json Schemas::copy(const Place& schema) {
    if (!schema.value->is_object()) { return *schema.value; }
    if (const auto reference = schema.member("$ref")) {
        return Json{{"$ref", relocated(*reference)}};
    }
    Json result = Json::object();
    for (const auto& [name, member] : schema.value->items()) {
        const Place place{&member, data::child_pointer(schema.pointer, name)};
        if (in(name, {"items", "additionalProperties", "not"})) {
            data::append(result, name, copy(place));
        } else if (name == "properties") {
            data::append(result, name, copy_members(place));
        } else if (in(name, {"allOf", "anyOf", "oneOf"})) {
            data::append(result, name, copy_list(place));
        } else if (is_keyword(name) && (name != "required" || member.is_array())) {
            data::append(result, name, member);
        }
    }
    return result;
}

Json Schemas::copy_members(const Place& schemas) {
    if (!schemas.value->is_object()) { return *schemas.value; }
    Json result = Json::object();
    for (const auto& [name, member] : schemas.value->items()) {
        data::append(result, name, copy({&member, data::child_pointer(schemas.pointer, name)}));
    }
    return result;
}

Json Schemas::copy_list(const Place& schemas) {
    if (!schemas.value->is_array()) { return *schemas.value; }
    Json result = Json::array();
    for (std::size_t i = 0; i < schemas.value->size(); ++i) {
        result.push_back(copy(schemas.element(i)));
    }
    return result;
}

/// "#/components/schemas/NAME", or "...NAME/properties/x" when the file points inside one.
std::string Schemas::relocated(const Place& reference) {
    const auto target = source_.target(*reference.value, reference.pointer);
    if (!target) { return reference.value->is_string() ? reference.value->get<std::string>() : ""; }
    std::string owner = target->pointer;
    std::string wish = target->pointer.substr(target->pointer.empty() ? 0 : 1);
    std::string inside;
    if (owner.starts_with(kComponents)) {
        const std::size_t slash = owner.find('/', kComponents.size());
        if (slash != std::string::npos) { inside = owner.substr(slash); }
        owner.resize(std::min(slash, owner.size()));
        wish = owner.substr(kComponents.size());
    }
    std::string moved = fmt::format("#{}{}", kComponents, name_for(owner, wish));
    for (const char c : inside) {
        // Back from a JSON pointer to a URI fragment.
        moved += c == '%' || c == ' ' || c == '#' ? fmt::format("%{:02X}", static_cast<unsigned>(c))
                                                  : std::string(1, c);
    }
    return moved;
}

std::string Schemas::name_for(const std::string& pointer, const std::string& wish) {
    if (const auto known = names_.find(pointer); known != names_.end()) { return known->second; }
    const std::string base = cleaned(wish);
    std::string name = base;
    for (int i = 2; !taken_names_.insert(name).second; ++i) {
        name = fmt::format("{}_{}", base, i);
    }
    names_.emplace(pointer, name);
    wanted_.push_back({name, {data::resolve_pointer(source_.root(), pointer), pointer}});
    return name;
}

Json Schemas::components() {
    Json schemas = Json::object();
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        const Wanted wanted = wanted_[i];  // a copy: copying the schema may add to the list
        data::append(schemas, wanted.name, copy(wanted.place));
    }
    if (schemas.empty()) { return Json::object(); }
    return Json{{"schemas", std::move(schemas)}};
}

}  // namespace lintel::openapi
