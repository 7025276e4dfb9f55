// lintel import: from an OpenAPI file to a service, and with --publish to answering calls.
#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/local_file.h"

namespace lintel::app {

namespace {

using data::Json;

struct ImportOptions {
    std::string file;
    std::string format;
    std::string name;
    std::string code;
    std::string group;
    std::string project;
    std::string backend;
    std::vector<std::string> environments;
    std::string note;
};

Outcome<Json> import_body(const ImportOptions& options) {
    ASSIGN_OR_RETURN(std::string text, read_local_file(options.file));
    Json body{{"document", std::move(text)}};
    const auto put = [&body](const char* name, const std::string& value) {
        if (!value.empty()) { body[name] = value; }
    };
    put("format", options.format);
    if (options.format.empty() && options.file.ends_with(".json")) { body["format"] = "json"; }
    put("name", options.name);
    put("code", options.code);
    put("group", options.group);
    put("project", options.project);
    put("backend", options.backend);
    return body;
}

void tell_warnings(const Json& result) {
    for (const Json& warning : result.at("warnings")) {
        tell(fmt::format("warning: {}: {}", data::find_string(warning, "pointer"),
                         data::find_string(warning, "detail")));
    }
}

Outcome<void> run_import(const CommandLine& line, const ImportOptions& options) {
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    ASSIGN_OR_RETURN(Json body, import_body(options));
    ASSIGN_OR_RETURN(
        ApiAnswer imported,
        client.call({.method = "POST", .path = line.path({"imports"}), .body = std::move(body)}));
    tell_warnings(imported.body);
    const Json& service = imported.body.at("service");
    const std::string code(data::find_string(service, "code"));
    tell(fmt::format("Imported {} API(s) as service '{}'.", imported.body.at("api_count").dump(),
                     code));
    if (!options.environments.empty()) {
        Json publish{{"environments", options.environments}};
        if (!options.note.empty()) { publish["note"] = options.note; }
        ASSIGN_OR_RETURN(const ApiAnswer published,
                         client.call({.method = "POST",
                                      .path = line.path({"services", code, "releases"}),
                                      .body = std::move(publish)}));
        tell(fmt::format("Published release {} to {}.",
                         published.body.at("release").at("number").dump(),
                         fmt::join(options.environments, ", ")));
        ASSIGN_OR_RETURN(const ApiAnswer shown,
                         client.call({.path = line.path({"services", code})}));
        imported.body["service"] = shown.body;
        imported.body["revision"] = published.body.at("revision");
    }
    print_data(line.format == OutputFormat::Table ? imported.body.at("service") : imported.body,
               line.format, {});
    return {};
}

}  // namespace

void add_import_command(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<ImportOptions>();
    CLI::App* command = app.add_subcommand("import", "Create a service from an OpenAPI 3.0 file");
    command->footer("Example: lintel import petstore.yaml --backend mock --publish release");
    command->add_option("FILE", options->file, "YAML or JSON file; '-' reads the standard input")
        ->required();
    command
        ->add_option("--publish", options->environments, "Publish to this environment (repeatable)")
        ->option_text("ENV");
    command->add_option("--name", options->name, "Service name instead of info.title");
    command->add_option("--code", options->code, "Service code, part of the call address");
    command->add_option("--group", options->group, "Service group");
    command->add_option("--project", options->project,
                        "Project, by name or id, not the default one");
    command->add_option("--backend", options->backend, "'mock' replaces every backend by a mock")
        ->check(CLI::IsMember({"mock"}));
    command->add_option("--format", options->format, "yaml or json; by default told by the name")
        ->check(CLI::IsMember({"yaml", "json"}));
    command->add_option("--note", options->note, "Note of the release");
    command->callback([&line, options] {
        line.action = [&line, options] { return run_import(line, *options); };
    });
}

}  // namespace lintel::app
