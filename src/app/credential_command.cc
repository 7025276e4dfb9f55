// lintel credential create: keys to call a service with.
#include <CLI/CLI.hpp>

#include <fmt/core.h>

#include "app/commands.h"

namespace lintel::app {

namespace {

using data::Json;

struct CredentialOptions {
    std::string service;
    std::string name;
};

/// The three pairs as rows, for people.
Json pair_rows(const Json& credential) {
    Json rows = Json::array();
    for (const auto& pair : credential.at("key_pairs").items()) {
        rows.push_back({{"type", pair.key()},
                        {"key", pair.value().at("key")},
                        {"secret", pair.value().at("secret")}});
    }
    return rows;
}

Outcome<void> create_credential(const CommandLine& line, const CredentialOptions& options) {
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    ASSIGN_OR_RETURN(const ApiAnswer answer,
                     client.call({.method = "POST",
                                  .path = line.path({"services", options.service, "credentials"}),
                                  .body = Json{{"name", options.name}}}));
    tell(
        fmt::format("Credential '{}' may call every API of '{}'. Its secrets can be read again "
                    "with 'lintel api revealCredential'.",
                    options.name, options.service));
    if (line.format == OutputFormat::Table) {
        print_data(pair_rows(answer.body), line.format,
                   {{"FOR", "/type"}, {"KEY", "/key"}, {"SECRET", "/secret"}});
    } else {
        print_data(answer.body, line.format, {});
    }
    return {};
}

}  // namespace

void add_credential_command(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<CredentialOptions>();
    CLI::App* credential = app.add_subcommand("credential", "Call credentials of a service");
    credential->require_subcommand(1);
    CLI::App* create = credential->add_subcommand(
        "create", "Create a call credential and print its three key pairs");
    create->add_option("SERVICE", options->service, "Code or id of the service")->required();
    create->add_option("--name", options->name, "Name of the credential")->default_val("default");
    create->callback([&line, options] {
        line.action = [&line, options] { return create_credential(line, *options); };
    });
}

}  // namespace lintel::app
