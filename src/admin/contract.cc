#include "admin/contract.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "data/yaml.h"
#include "embedded/management_yaml.h"
#include "openapi/read.h"

namespace lintel::admin {

namespace {

using data::Json;

/// Our own file is larger than what we let others import.
openapi::ImportOptions own_limits() {
    return {.max_bytes = 1 << 20, .max_operations = 500, .max_parameters = 30, .max_depth = 64};
}

Error broken(std::string_view where, std::string_view what) {
    return {.code = Code::StartFailed,
            .message = fmt::format("api/management.yaml, {}: {}", where, what)};
}

/// Nothing is open because somebody forgot to say who may.
Result<Access> read_access(std::string_view text, std::string_view where) {
    if (text.empty()) { return fail(broken(where, "x-permission is missing")); }
    if (text == "none") { return Access{.kind = Access::Kind::Open}; }
    if (text == "any") { return Access{.kind = Access::Kind::AnyCaller}; }
    if (const auto permission = management::parse_permission(text)) {
        return Access{.kind = Access::Kind::Permitted, .permission = *permission};
    }
    return fail(broken(where, fmt::format("x-permission '{}' is unknown", text)));
}

/// Turns the operations of the document into ours; lives as long as one build.
class Builder {
public:
    Builder(const openapi::Document& document, const Json& source)
        : source_(source), root_{{"components", document.components}}, schemas_(root_) {}

    Result<Operation> build(const openapi::Operation& from) {
        const std::string where = from.method + " " + from.path;
        if (from.operation_id.empty()) { return fail(broken(where, "operationId is missing")); }
        Operation operation;
        operation.id = from.operation_id;
        operation.method = from.method;
        operation.path = from.path;
        for (const std::string_view segment : split(operation.path, '/')) {
            operation.segments.emplace_back(segment);
        }
        const Json* object = data::resolve_pointer(source_, from.pointer);
        if (object == nullptr) { return fail(broken(where, "cannot be found again")); }
        ASSIGN_OR_RETURN(operation.access,
                         read_access(data::find_string(*object, "x-permission"), where));
        for (const openapi::Parameter& parameter : from.parameters) {
            RETURN_IF_ERROR(add(parameter, from.pointer, operation));
        }
        if (from.body) { RETURN_IF_ERROR(add(*from.body, from.pointer, operation)); }
        return operation;
    }

private:
    Status add(const openapi::Parameter& from, std::string_view pointer, Operation& operation) {
        if (from.location == openapi::Location::Header) {
            const Presence presence = from.required ? Presence::Required : Presence::Optional;
            if (from.name == "If-Match") {
                operation.if_match = presence;
            } else if (from.name == "Idempotency-Key") {
                operation.takes_idempotency_key = true;
            } else {
                return fail(broken(pointer, "header " + from.name + " is not understood"));
            }
            return {};
        }
        ASSIGN_OR_RETURN(auto schema, schemas_.compile(from.schema, pointer));
        Parameter parameter{.shape = data::parameter_shape(from.name, from.style, from.explode,
                                                           from.allow_empty, from.schema, root_),
                            .schema = std::move(schema),
                            .default_value = from.default_value,
                            .required = from.required};
        auto& list = from.location == openapi::Location::Path ? operation.path_parameters
                                                              : operation.query_parameters;
        list.push_back(std::move(parameter));
        return {};
    }

    Status add(const openapi::RequestBody& from, std::string_view pointer, Operation& operation) {
        BodyRule rule;
        rule.required = from.required;
        for (const openapi::MediaType& content : from.content) {
            rule.media_types.push_back(content.type);
        }
        if (rule.media_types.empty()) { return fail(broken(pointer, "the body has no content")); }
        ASSIGN_OR_RETURN(rule.schema, schemas_.compile(from.content.front().schema, pointer));
        operation.body = std::move(rule);
        return {};
    }

    const Json& source_;
    Json root_;
    data::SchemaCompiler schemas_;
};

bool is_parameter(std::string_view segment) {
    return segment.starts_with('{');
}

bool fits(const Operation& operation, const std::vector<std::string_view>& segments) {
    return std::ranges::equal(
        operation.segments, segments, [](std::string_view wanted, std::string_view segment) {
            return is_parameter(wanted) ? !segment.empty() : wanted == segment;
        });
}

/// What the path has in place of each parameter of the template it fits.
std::vector<std::pair<std::string_view, std::string>> values_of(
    const Operation& operation, const std::vector<std::string_view>& segments) {
    std::vector<std::pair<std::string_view, std::string>> values;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const std::string_view wanted = operation.segments[i];
        if (!is_parameter(wanted)) { continue; }
        values.emplace_back(wanted.substr(1, wanted.size() - 2),
                            data::percent_decode(segments[i], false));
    }
    return values;
}

}  // namespace

Result<Contract> Contract::build() {
    return parse(embedded::management_yaml);
}

Result<Contract> Contract::parse(std::string_view yaml) {
    Contract contract;
    data::YamlLimits limits;
    ASSIGN_OR_RETURN(contract.document_, data::parse_yaml(yaml, limits));
    ASSIGN_OR_RETURN(const openapi::ImportResult read,
                     openapi::read(yaml, openapi::Format::Yaml, own_limits()));
    Builder builder(read.document, contract.document_);
    for (const openapi::Operation& operation : read.document.operations) {
        ASSIGN_OR_RETURN(Operation built, builder.build(operation));
        if (contract.find(built.id) != nullptr) {
            return fail(broken(built.path, "operationId '" + built.id + "' is used twice"));
        }
        contract.operations_.push_back(std::move(built));
    }
    return contract;
}

Contract::Match Contract::match(std::string_view method, std::string_view path) const {
    Match match;
    const std::vector<std::string_view> segments = split(path, '/');
    // A literal segment beats a parameter ("/sessions/current"); such paths are listed first in the
    // file.
    for (const Operation& operation : operations_) {
        if (!fits(operation, segments)) { continue; }
        match.allowed.push_back(operation.method);
        if (operation.method == method && match.operation == nullptr) {
            match.operation = &operation;
            match.values = values_of(operation, segments);
        }
    }
    return match;
}

const Operation* Contract::find(std::string_view operation_id) const {
    const auto found = std::ranges::find(operations_, operation_id, &Operation::id);
    return found == operations_.end() ? nullptr : &*found;
}

const Operation* Contract::reader_of(const Operation& operation) const {
    const auto found = std::ranges::find_if(operations_, [&](const Operation& other) {
        return other.path == operation.path && other.method == "GET";
    });
    return found == operations_.end() ? nullptr : &*found;
}

}  // namespace lintel::admin
