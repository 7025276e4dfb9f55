#include "openapi/read.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "data/yaml.h"
#include "openapi/read_operation.h"

namespace lintel::openapi {
namespace {

using data::Json;

constexpr std::size_t kMaxYamlNodes = 50'000;
constexpr std::size_t kMaxJsonNodes = 100'000;

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kDocumentMethods = {
    {{"get", "GET"},
     {"post", "POST"},
     {"patch", "PATCH"},
     {"put", "PUT"},
     {"delete", "DELETE"},
     {"head", "HEAD"}}};

std::unexpected<Error> refused(std::vector<Fault> faults) {
    const Fault& first = faults.front();
    const std::string where = first.pointer.empty() ? "" : first.pointer + ": ";
    const std::string more =
        faults.size() > 1 ? fmt::format(" (and {} more)", faults.size() - 1) : "";
    Error error{Code::FileInvalid, fmt::format("The description file cannot be imported: {}{}{}",
                                               where, first.detail, more)};
    error.faults = std::move(faults);
    return fail(std::move(error));
}

/// Budgets grow with the size the operator allows: a written value takes at least two bytes.
Result<Json> parse_as_json(std::string_view text, const ImportOptions& options) {
    return data::parse_json(text, {.max_depth = options.max_depth,
                                   .max_nodes = std::max(kMaxJsonNodes, options.max_bytes / 2),
                                   .allow_byte_order_mark = true});
}

bool looks_like_json(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) { text.remove_prefix(3); }
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '{';
}

Result<Json> parse(std::string_view text, Format format, const ImportOptions& options) {
    if (format == Format::Json) {
        auto json = parse_as_json(text, options);
        if (json || looks_like_json(text)) { return json; }
        Error error = std::move(json).error();
        error.faults.front().detail += "; if the file is YAML, choose that format";
        return fail(std::move(error));
    }
    // JSON is YAML, but a JSON reader knows its escapes better.
    if (looks_like_json(text)) {
        if (auto json = parse_as_json(text, options)) { return json; }
    }
    return data::parse_yaml(text, {.max_depth = options.max_depth,
                                   .max_nodes = std::max(kMaxYamlNodes, options.max_bytes / 2)});
}

/// What is wrong with the version, so that nothing else needs to be looked at.
std::optional<Fault> version_fault(const Json& root) {
    const Json* version = data::find(root, "openapi");
    if (version == nullptr) {
        if (const Json* swagger = data::find(root, "swagger")) {
            return Fault{"/swagger", "openapi.version",
                         fmt::format("the file is Swagger {}; convert it to OpenAPI 3.0",
                                     data::dump(*swagger))};
        }
        return Fault{"", "openapi.version",
                     "the member 'openapi' is missing; it must say 3.0.x, e.g. \"3.0.3\""};
    }
    if (version->is_number()) {
        return Fault{
            "/openapi", "openapi.version_number",
            fmt::format("'openapi' is the number {}; write the version as text, e.g. \"3.0.3\"",
                        data::dump(*version))};
    }
    if (!version->is_string()) {
        return Fault{"/openapi", "openapi.version", "'openapi' must be text, e.g. \"3.0.3\""};
    }
    const auto& text = version->get_ref<const std::string&>();
    if (text.starts_with("3.0.")) { return std::nullopt; }
    return Fault{
        "/openapi", "openapi.version",
        fmt::format("the file says OpenAPI {}; only 3.0.x can be imported", data::dump(*version))};
}

/// Reads the parts of one document in order, collecting faults as it goes.
class DocumentReader {
public:
    DocumentReader(const Json& root, const ImportOptions& options)
        : source_(root),
          schemas_(source_),
          options_(options),
          context_{source_, schemas_, options} {}

    Result<ImportResult> read() {
        refuse_outside_references(source_);
        read_info();
        read_paths();
        document_.servers = read_servers(source_, source_.top());
        document_.components = schemas_.components();
        read_tags();
        if (const auto extension = source_.top().member("x-lintel")) {
            document_.extension = *extension->value;
        }
        if (source_.faulty()) { return refused(source_.take_faults()); }
        return ImportResult{std::move(document_), source_.take_warnings()};
    }

private:
    void read_info() {
        const auto info = source_.object(source_.top(), "info");
        if (info) {
            document_.title = source_.text(*info, "title");
            document_.description = source_.text(*info, "description");
            document_.version = source_.text(*info, "version");
        }
        if (!options_.service_name.empty()) { document_.title = options_.service_name; }
        if (document_.title.empty()) {
            source_.fault("/info/title", "openapi.title",
                          "info.title is missing; add it, or give a service name with the import");
        }
    }

    void read_paths() {
        const auto paths = source_.object(source_.top(), "paths");
        if (!paths || paths->value->empty()) {
            if (!source_.top().member("paths") || paths) {
                source_.fault("/paths", "openapi.no_paths",
                              "the file has no paths, so there is no API to create");
            }
            return;
        }
        for (const auto& [path, item] : paths->value->items()) {
            if (!path.starts_with("x-")) {
                read_path(path, {&item, data::child_pointer(paths->pointer, path)});
            }
        }
        if (found_ == 0) {
            source_.fault("/paths", "openapi.no_operations",
                          "no path has an operation with GET, POST, PATCH, PUT, DELETE or HEAD, so "
                          "there is no API to create");
        } else if (found_ > options_.max_operations) {
            source_.fault("/paths", "openapi.too_many_operations",
                          fmt::format("the file has {} operations, {} are allowed; split it",
                                      found_, options_.max_operations));
        } else if (document_.operations.empty() && !source_.faulty()) {
            source_.fault("/paths", "openapi.no_operations",
                          "every operation of the file had to be left out: " + last_left_out_);
        }
    }

    void read_path(const std::string& path, const Place& written) {
        const auto item = source_.follow(written);
        if (!item) { return; }
        if (!item->value->is_object()) {
            source_.fault(item->pointer, "openapi.type",
                          "a path must hold an object with operations");
            return;
        }
        const auto parsed = parse_path_template(path);
        if (!parsed) {
            source_.fault(written.pointer, "openapi.path",
                          fmt::format("{}: {}", path, parsed.error().message));
            return;
        }
        for (const std::string_view skipped : {"options", "trace"}) {
            if (const auto operation = item->member(skipped)) {
                source_.warn(
                    operation->pointer, "openapi.method_skipped",
                    fmt::format("{} {} is left out: this method cannot be an API of its own",
                                skipped, path));
            }
        }
        for (const auto& [member, method] : kDocumentMethods) {
            if (const auto operation = source_.object(*item, member)) {
                read_one({*operation, *item, std::string(method), path, *parsed});
            }
        }
    }

    void read_one(const OperationSite& site) {
        // Beyond the limit they are only counted.
        if (++found_ > options_.max_operations) { return; }
        if (const auto reason = never_callable(site.path)) {
            last_left_out_ = fmt::format("{} {} is left out: {}", site.method, site.path, *reason);
            source_.warn(site.operation.pointer, "openapi.path_not_callable", last_left_out_);
            return;
        }
        const auto [first, added] =
            shapes_.emplace(site.method + " " + site.path_template.shape, site.path);
        if (!added) {
            source_.fault(
                site.operation.pointer, "openapi.duplicate",
                fmt::format(
                    "{} {} is the same API as {} {}: parameter names do not tell paths apart",
                    site.method, site.path, site.method, first->second));
            return;
        }
        if (auto operation = read_operation(context_, site)) {
            document_.operations.push_back(std::move(*operation));
        } else {
            last_left_out_ = fmt::format("{} {} has too many parameters", site.method, site.path);
        }
    }

    void read_tags() {
        std::set<std::string> known;
        if (const auto tags = source_.array(source_.top(), "tags")) {
            for (std::size_t i = 0; i < tags->value->size(); ++i) {
                const Place tag = tags->element(i);
                const std::string name = source_.text(tag, "name");
                if (!name.empty() && known.insert(name).second) {
                    document_.tags.push_back({name, source_.text(tag, "description")});
                }
            }
        }
        for (const Operation& operation : document_.operations) {
            if (!operation.tag.empty() && known.insert(operation.tag).second) {
                document_.tags.push_back({operation.tag, ""});
            }
        }
    }

    Source source_;
    Schemas schemas_;
    const ImportOptions& options_;
    ReadContext context_;
    Document document_;
    std::map<std::string, std::string> shapes_;  // method and path shape -> path
    std::size_t found_ = 0;
    std::string last_left_out_;
};

}  // namespace

Result<ImportResult> read(std::string_view text, Format format, const ImportOptions& options) {
    if (text.size() > options.max_bytes) {
        return fail(Code::FileTooLarge,
                    fmt::format("The description file has {} bytes, {} are allowed; split it, or "
                                "raise the setting import.max_bytes",
                                text.size(), options.max_bytes));
    }
    if (trim(text).empty()) { return refused({{"", "openapi.empty", "the file is empty"}}); }
    auto root = parse(text, format, options);
    if (!root) { return refused(std::move(root.error().faults)); }
    if (!root->is_object()) {
        return refused(
            {{"", "openapi.type",
              fmt::format("the file must hold one object, not {}", data::type_name(*root))}});
    }
    if (auto fault = version_fault(*root)) { return refused({std::move(*fault)}); }
    return DocumentReader(*root, options).read();
}

}  // namespace lintel::openapi
