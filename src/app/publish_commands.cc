// lintel publish, stop, start, rollback: what moves a deployment.
#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include "app/commands.h"

namespace lintel::app {

namespace {

using data::Json;

struct DeployOptions {
    std::string service;
    std::vector<std::string> environments;
    std::string environment;
    std::int64_t release = 0;
    std::string note;
};

const std::vector<Column> kDeploymentColumns{{"ENVIRONMENT", "/environment"},
                                             {"RELEASE", "/release"},
                                             {"STATE", "/state"},
                                             {"SINCE", "/since"},
                                             {"BY", "/changed_by"}};

/// The command line acts on what is there now; people who edit together use the API's ETags.
std::vector<std::pair<std::string, std::string>> whatever_is_there() {
    return {{"If-Match", "*"}};
}

Outcome<void> run_publish(const CommandLine& line, const DeployOptions& options) {
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    Json body{{"environments", options.environments}};
    if (options.release != 0) { body["release"] = options.release; }
    if (!options.note.empty()) { body["note"] = options.note; }
    ASSIGN_OR_RETURN(const ApiAnswer answer,
                     client.call({.method = "POST",
                                  .path = line.path({"services", options.service, "releases"}),
                                  .body = std::move(body)}));
    tell(fmt::format("Release {} of '{}' answers in {}.",
                     answer.body.at("release").at("number").dump(), options.service,
                     fmt::join(options.environments, ", ")));
    print_data(line.format == OutputFormat::Table ? answer.body.at("deployments") : answer.body,
               line.format, kDeploymentColumns);
    return {};
}

Outcome<void> set_state(const CommandLine& line, const DeployOptions& options,
                        const std::string& state) {
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    Json body{{"state", state}};
    if (!options.environments.empty()) { body["environments"] = options.environments; }
    if (!options.note.empty()) { body["note"] = options.note; }
    ASSIGN_OR_RETURN(const ApiAnswer answer,
                     client.call({.method = "PATCH",
                                  .path = line.path({"services", options.service, "deployments"}),
                                  .body = std::move(body),
                                  .fields = whatever_is_there()}));
    print_data(answer.body.at("items"), line.format, kDeploymentColumns);
    return {};
}

Outcome<void> run_rollback(const CommandLine& line, const DeployOptions& options) {
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    Json body{{"release", options.release}};
    if (!options.note.empty()) { body["note"] = options.note; }
    ASSIGN_OR_RETURN(const ApiAnswer answer,
                     client.call({.method = "PUT",
                                  .path = line.path({"services", options.service, "deployments",
                                                     options.environment}),
                                  .body = std::move(body),
                                  .fields = whatever_is_there()}));
    print_data(answer.body, line.format, {});
    return {};
}

CLI::App* add(CLI::App& app, const std::string& name, const std::string& about,
              DeployOptions& options) {
    CLI::App* command = app.add_subcommand(name, about);
    command->add_option("SERVICE", options.service, "Code or id of the service")->required();
    command->add_option("--note", options.note, "Note for the release history");
    return command;
}

}  // namespace

void add_publish_commands(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<DeployOptions>();

    CLI::App* publish =
        add(app, "publish", "Publish the draft, or a release, to environments", *options);
    publish->add_option("--env", options->environments, "Environment (repeatable)")
        ->required()
        ->option_text("ENV");
    publish->add_option("--release", options->release, "An existing release instead of the draft");
    publish->callback([&line, options] {
        line.action = [&line, options] { return run_publish(line, *options); };
    });

    CLI::App* stop =
        add(app, "stop", "Stop a service, everywhere or in some environments", *options);
    stop->add_option("--env", options->environments, "Environment (repeatable); default: all")
        ->option_text("ENV");
    stop->callback([&line, options] {
        line.action = [&line, options] { return set_state(line, *options, "stopped"); };
    });

    CLI::App* start = add(app, "start", "Start what was stopped", *options);
    start->add_option("--env", options->environments, "Environment (repeatable)")
        ->required()
        ->option_text("ENV");
    start->callback([&line, options] {
        line.action = [&line, options] { return set_state(line, *options, "running"); };
    });

    CLI::App* rollback = add(app, "rollback", "Go back to an earlier release", *options);
    rollback->add_option("--env", options->environment, "Environment")->required();
    rollback->add_option("--to", options->release, "Number of the release")->required();
    rollback->callback([&line, options] {
        line.action = [&line, options] { return run_rollback(line, *options); };
    });
}

}  // namespace lintel::app
