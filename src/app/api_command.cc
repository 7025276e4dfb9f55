// lintel api: any operation of the management API by its operationId.
#include <CLI/CLI.hpp>

#include <algorithm>

#include <fmt/core.h>

#include "admin/contract.h"
#include "app/commands.h"
#include "app/local_file.h"
#include "app/suggestion.h"

namespace lintel::app {

namespace {

using data::Json;

struct ApiOptions {
    std::string operation;
    std::vector<std::string> parameters;
    std::string body_file;
    std::string if_match = "*";
};

Outcome<const admin::Operation*> find_operation(const admin::Contract& contract,
                                                const std::string& id) {
    if (const admin::Operation* found = contract.find(id)) { return found; }
    std::vector<std::string_view> names;
    for (const admin::Operation& operation : contract.operations()) {
        names.push_back(operation.id);
    }
    const std::string_view guess = nearest(id, names);
    return give_up(ExitCode::Usage,
                   guess.empty()
                       ? fmt::format("There is no operation '{}'; 'lintel api' lists them all", id)
                       : fmt::format("There is no operation '{}'; did you mean '{}'?", id, guess));
}

/// Fills the path's parameters and puts the others into the query.
Outcome<std::string> target_of(const admin::Operation& operation, const std::string& own_gateway,
                               const std::vector<std::string>& parameters) {
    std::string path = operation.path;
    std::string query;
    for (const std::string& parameter : parameters) {
        const std::size_t equals = parameter.find('=');
        if (equals == std::string::npos) {
            return give_up(ExitCode::Usage, fmt::format("'{}' must be NAME=VALUE", parameter));
        }
        const std::string place = "{" + parameter.substr(0, equals) + "}";
        const std::string value = percent_encode(std::string_view(parameter).substr(equals + 1));
        const std::size_t at = path.find(place);
        if (at != std::string::npos) {
            path.replace(at, place.size(), value);
        } else {
            query += (query.empty() ? "?" : "&") + percent_encode(parameter.substr(0, equals)) +
                     "=" + value;
        }
    }
    constexpr std::string_view kGateway = "{gateway}";
    const std::size_t gateway = path.find(kGateway);
    if (gateway != std::string::npos) {
        path.replace(gateway, kGateway.size(), percent_encode(own_gateway));
    }
    const std::size_t left = path.find('{');
    if (left != std::string::npos) {
        const std::string name = path.substr(left + 1, path.find('}', left) - left - 1);
        return give_up(ExitCode::Usage,
                       fmt::format("'{}' needs --param {}=VALUE", operation.id, name));
    }
    return path + query;
}

void list_operations(const CommandLine& line, const admin::Contract& contract) {
    Json rows = Json::array();
    for (const admin::Operation& operation : contract.operations()) {
        rows.push_back(
            {{"operation", operation.id}, {"method", operation.method}, {"path", operation.path}});
    }
    print_data(rows, line.format,
               {{"OPERATION", "/operation"}, {"METHOD", "/method"}, {"PATH", "/path"}});
}

Outcome<void> run_api(const CommandLine& line, const ApiOptions& options) {
    const auto contract = admin::Contract::build();
    if (!contract) { return std::unexpected(to_failure(contract.error())); }
    if (options.operation.empty()) {
        list_operations(line, *contract);
        return {};
    }
    ASSIGN_OR_RETURN(const admin::Operation* operation,
                     find_operation(*contract, options.operation));
    ApiRequest request;
    request.method = operation->method;
    ASSIGN_OR_RETURN(request.path, target_of(*operation, line.gateway, options.parameters));
    if (operation->if_match == admin::Presence::Required) {
        request.fields.emplace_back("If-Match", options.if_match);
    }
    if (!options.body_file.empty()) {
        ASSIGN_OR_RETURN(const std::string text, read_local_file(options.body_file));
        auto body = data::parse_json(text);
        if (!body) {
            return give_up(ExitCode::Usage, fmt::format("'{}' is not valid JSON: {}",
                                                        options.body_file, body.error().message));
        }
        request.body = *std::move(body);
    }
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    ASSIGN_OR_RETURN(const ApiAnswer answer, client.call(request));
    if (answer.body.is_null()) {
        print_text(answer.text);
    } else {
        const bool as_yaml = line.format == OutputFormat::Yaml;
        print_data(answer.body, as_yaml ? OutputFormat::Yaml : OutputFormat::Json, {});
    }
    return {};
}

}  // namespace

void add_api_command(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<ApiOptions>();
    CLI::App* command = app.add_subcommand("api", "Call any operation of the management API");
    command->footer(
        "Without OPERATION it lists them all. Examples:\n"
        "  lintel api showService --param service=petstore\n"
        "  lintel api createEnvironment --body env.json");
    command->add_option("OPERATION", options->operation, "operationId, such as showService");
    command->add_option("--param", options->parameters, "Path or query parameter (repeatable)")
        ->option_text("NAME=VALUE");
    command->add_option("--body", options->body_file, "JSON file with the body; '-' reads stdin")
        ->option_text("FILE");
    command->add_option("--if-match", options->if_match, "ETag the change is based on")
        ->default_val("*");
    command->callback(
        [&line, options] { line.action = [&line, options] { return run_api(line, *options); }; });
}

}  // namespace lintel::app
