#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.h"
#include "management/openapi_mapping.h"
#include "management/steps.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

using data::Json;

constexpr std::size_t kMaxErrorCodes = 100;
constexpr std::size_t kMaxExampleBytes = 65'536;

/// Cut at a character, never inside one.
std::string cut(std::string_view text, std::size_t characters) {
    std::size_t at = 0;
    for (std::size_t count = 0; at < text.size(); ++at) {
        const bool starts_character = (text[at] & 0xC0) != 0x80;
        if (starts_character && count++ == characters) { break; }
    }
    return std::string(text.substr(0, at));
}

/// One line without control characters and without spaces at the ends.
std::string one_line(std::string text) {
    std::ranges::replace_if(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, ' ');
    return std::string(trim(text));
}

/// Several lines are fine, other control characters are not.
std::string paragraph(std::string text) {
    std::erase_if(
        text, [](char c) { return (c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; });
    return text;
}

model::ResponseType type_of(const std::string& media_type) {
    if (media_type.empty() || openapi::is_json(media_type)) { return model::ResponseType::Json; }
    if (media_type == "text/html") { return model::ResponseType::Html; }
    if (media_type.ends_with("/xml") || media_type.ends_with("+xml")) {
        return model::ResponseType::Xml;
    }
    return media_type.starts_with("text/") ? model::ResponseType::Text
                                           : model::ResponseType::Binary;
}

std::string example_text(const openapi::Response& response) {
    if (!response.example) { return {}; }
    if (response.example->is_string() && !openapi::is_json(response.media_type)) {
        return response.example->get<std::string>();
    }
    return data::dump(*response.example);
}

int status_number(const std::string& status, int otherwise) {
    int number = 0;
    const auto [end, error] = std::from_chars(status.data(), status.data() + status.size(), number);
    const bool whole = error == std::errc() && end == status.data() + status.size();
    return whole && number >= 200 && number <= 599 ? number : otherwise;
}

std::string auth_kind(openapi::AuthChoice auth) {
    switch (auth) {
        case openapi::AuthChoice::Basic: return "basic";
        case openapi::AuthChoice::OAuth2: return "oauth2";
        case openapi::AuthChoice::Hmac: return "hmac";
        case openapi::AuthChoice::None: break;
    }
    return "none";
}

/// Role: turns one document into one definition. Lives for one import; not thread-safe.
class Importer {
public:
    explicit Importer(const openapi::Document& document) : document_(document) {}

    Result<MappedDefinition> run() {
        read_service();
        for (const openapi::Operation& operation : document_.operations) {
            add(operation);
        }
        if (mapped_.definition.apis.empty()) {
            faults_.push_back({"/paths", "import.no_api", "has no operation that can be an API"});
        }
        if (!faults_.empty()) {
            return fail({.code = Code::FileInvalid,
                         .message = "The description file cannot be imported: " +
                                    faults_.front().pointer + " " + faults_.front().detail + ".",
                         .faults = std::move(faults_)});
        }
        return std::move(mapped_);
    }

private:
    void warn(const std::string& pointer, std::string detail) {
        mapped_.warnings.push_back({pointer, std::move(detail)});
    }

    std::string limited(std::string text, std::size_t limit, const std::string& pointer,
                        std::string_view what) {
        if (model::character_count(text) <= limit) { return text; }
        warn(pointer, std::string(what) + " is longer than " + std::to_string(limit) +
                          " characters and was cut");
        return cut(text, limit);
    }

    void read_service() {
        model::ServiceDefinition& definition = mapped_.definition;
        definition.name =
            limited(one_line(document_.title), model::kMaxServiceName, "/info/title", "the title");
        definition.description = limited(paragraph(document_.description), model::kMaxDescription,
                                         "/info/description", "the description");
        // Until Lintel serves TLS itself, a file's "https" says nothing about how callers come in.
        definition.protocol = model::Protocol::HttpAndHttps;
        definition.components = document_.components;
        if (document_.extension) { read_extension(*document_.extension); }
    }

    /// The service's own parts, as extension_of(definition) writes them.
    void read_extension(const Json& extension) {
        Json json = model::to_json(mapped_.definition);
        if (!overlay(json, extension, "/x-lintel")) { return; }
        Result<model::ServiceDefinition> read = model::service_definition_from_json(json);
        if (read) {
            mapped_.definition = *std::move(read);
        } else {
            take_faults(read.error(), "/x-lintel");
        }
    }

    bool overlay(Json& json, const Json& extension, const std::string& pointer) {
        if (!extension.is_object()) {
            faults_.push_back({pointer, "field.type", "must be an object"});
            return false;
        }
        for (const auto& member : extension.items()) {
            json[member.key()] = member.value();
        }
        return true;
    }

    void take_faults(const Error& error, const std::string& pointer) {
        for (const Fault& fault : error.faults) {
            faults_.push_back({pointer + fault.pointer, fault.code, fault.detail});
        }
    }

    void add(const openapi::Operation& operation) {
        if (const auto path = model::path_parameters(operation.path); !path) {
            warn(operation.pointer, operation.method + " " + operation.path +
                                        " was left out: the path " + path.error().message);
            return;
        }
        model::ApiDefinition api;
        api.name = unique_name(
            limited(one_line(operation.name()), model::kMaxApiName, operation.pointer, "the name"));
        api.description = limited(paragraph(operation.description), model::kMaxDescription,
                                  operation.pointer, "the description");
        const std::string group = cut(one_line(operation.tag), model::kMaxGroupName);
        if (!group.empty()) { api.group = group; }
        api.method = model::parse_method(operation.method).value_or(model::Method::Get);
        api.path = operation.path;
        api.auth.kind = auth_kind(operation.auth);
        add_parameters(operation, api);
        add_body(operation, api);
        add_responses(operation, api);
        api.backend = backend_of(operation);
        if (operation.extension && !apply_extension(operation, api)) { return; }
        mapped_.definition.apis.push_back(std::move(api));
        mapped_.pointers.push_back(operation.pointer);
    }

    bool apply_extension(const openapi::Operation& operation, model::ApiDefinition& api) {
        const std::string pointer = operation.pointer + "/x-lintel";
        Json json = model::to_json(api);
        if (!overlay(json, *operation.extension, pointer)) { return false; }
        Result<model::ApiDefinition> read = model::api_definition_from_json(json);
        if (!read) {
            take_faults(read.error(), pointer);
            return false;
        }
        api = *std::move(read);
        return true;
    }

    /// "Get pet", "Get pet (2)"...
    std::string unique_name(const std::string& wanted) {
        std::string name = wanted;
        for (int i = 2; !names_.insert(name).second; ++i) {
            const std::string suffix = " (" + std::to_string(i) + ")";
            name = cut(wanted, model::kMaxApiName - suffix.size()) + suffix;
        }
        return name;
    }

    void add_parameters(const openapi::Operation& operation, model::ApiDefinition& api) {
        std::set<std::pair<openapi::Location, std::string>> seen;
        for (const openapi::Parameter& from : operation.parameters) {
            model::Parameter to;
            to.name = from.name;
            to.location = model::parse_location(openapi::to_string(from.location))
                              .value_or(model::Location::Query);
            to.type = model::parse_parameter_type(from.type).value_or(model::ParameterType::String);
            to.required = from.required || to.location == model::Location::Path;
            if (from.default_value) { to.default_value = *from.default_value; }
            if (from.example) { to.example = *from.example; }
            to.description = from.description;
            to.schema = from.schema;
            to.style = std::string(data::to_string(from.style));
            to.explode = from.explode;
            to.allow_empty_value = from.allow_empty;
            const bool is_header = to.location == model::Location::Header;
            const std::string key = is_header ? to_lower(to.name) : to.name;
            std::vector<Fault> faults;
            model::check(to, "", faults);
            if (!faults.empty() || !seen.emplace(from.location, key).second) {
                warn(operation.pointer,
                     "the parameter '" + from.name + "' was left out: " +
                         (faults.empty() ? "it is declared twice" : faults.front().detail));
                continue;
            }
            api.parameters.push_back(std::move(to));
        }
    }

    static void add_body(const openapi::Operation& operation, model::ApiDefinition& api) {
        if (!operation.body) { return; }
        model::RequestBody body{.required = operation.body->required,
                                .description = operation.body->description,
                                .content = {}};
        for (const openapi::MediaType& media : operation.body->content) {
            body.content.push_back(
                {media.type, media.schema.empty() ? Json(nullptr) : media.schema});
        }
        api.body = std::move(body);
    }

    void add_responses(const openapi::Operation& operation, model::ApiDefinition& api) {
        const openapi::Response* success = operation.success();
        if (success != nullptr) {
            api.responses.type = type_of(success->media_type);
            api.responses.media_type = success->media_type;
            api.responses.success_status = status_number(success->status, 200);
            api.responses.success_example = example_of(operation, *success);
            if (!success->schema.empty()) { api.responses.schema = success->schema; }
        }
        for (const openapi::Response& response : operation.responses) {
            if (&response == success) { continue; }
            if (api.responses.failure_example.empty() && !response.status.starts_with('2')) {
                api.responses.failure_example = example_of(operation, response);
            }
            add_error_code(api, {response.status, "", paragraph(response.description), "", false});
        }
        for (const openapi::ErrorCode& code : operation.error_codes) {
            add_error_code(api, {code.code, code.message, code.description, "", false});
        }
    }

    static void add_error_code(model::ApiDefinition& api, model::ErrorCode code) {
        if (api.responses.error_codes.size() < kMaxErrorCodes) {
            api.responses.error_codes.push_back(std::move(code));
        }
    }

    std::string example_of(const openapi::Operation& operation, const openapi::Response& response) {
        std::string text = example_text(response);
        if (text.size() <= kMaxExampleBytes) { return text; }
        warn(operation.pointer, "the example of the answer " + response.status +
                                    " is larger than 65536 bytes and was left out");
        return {};
    }

    /// What the operation names itself, else the first server of the file, else a mock.
    model::PluginUse backend_of(const openapi::Operation& operation) const {
        model::PluginUse backend{.kind = "mock"};
        if (operation.mock_backend) {
            backend.config["status"] = operation.mock_backend->status;
            backend.config["body"] = operation.mock_backend->body;
            Json headers = Json::object();
            for (const auto& [field, value] : operation.mock_backend->headers) {
                headers[field] = value;
            }
            backend.config["headers"] = std::move(headers);
            return backend;
        }
        std::optional<openapi::HttpBackend> http = operation.http_backend;
        if (!http && !document_.servers.empty()) {
            if (const auto address = openapi::absolute_server(document_.servers.front().url)) {
                http = openapi::HttpBackend{address->base_url, address->path + operation.path, ""};
            }
        }
        if (!http) { return backend; }
        backend.kind = "http";
        backend.config["url"] = http->base_url;
        backend.config["path"] = http->path;
        if (!http->method.empty()) { backend.config["method"] = http->method; }
        if (operation.timeout_ms) { backend.config["timeout_ms"] = *operation.timeout_ms; }
        return backend;
    }

    const openapi::Document& document_;
    MappedDefinition mapped_;
    std::set<std::string> names_;
    std::vector<Fault> faults_;
};

}  // namespace

Result<MappedDefinition> definition_of(const openapi::Document& document) {
    return Importer(document).run();
}

}  // namespace lintel::management
