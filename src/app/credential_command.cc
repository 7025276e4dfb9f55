// lintel credential create and reset: keys to call a service with, and new secrets for them.
#include <CLI/CLI.hpp>

#include <fmt/core.h>

#include "app/commands.h"
#include "app/settings.h"

namespace lintel::app {

namespace {

using data::Json;

struct CredentialOptions {
    std::string service;
    std::string name;
    std::string credential;
    std::string type;
    std::string overlap;
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

void print_pairs(const CommandLine& line, const Json& credential) {
    if (line.format == OutputFormat::Table) {
        print_data(pair_rows(credential), line.format,
                   {{"FOR", "/type"}, {"KEY", "/key"}, {"SECRET", "/secret"}});
    } else {
        print_data(credential, line.format, {});
    }
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
    print_pairs(line, answer.body);
    return {};
}

Outcome<void> reset_credential(const CommandLine& line, const CredentialOptions& options) {
    const auto overlap = parse_duration(options.overlap);
    if (!overlap) {
        return give_up(ExitCode::Usage,
                       fmt::format("--overlap '{}' {}", options.overlap, overlap.error().message));
    }
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    ASSIGN_OR_RETURN(
        const ApiAnswer answer,
        client.call({.method = "POST",
                     .path = line.path(
                         {"services", options.service, "credentials", options.credential, "reset"}),
                     .body = Json{{"type", options.type}, {"overlap_s", overlap->count()}}}));
    const Json& until = answer.body.at("keys").at(options.type).at("previous_until");
    tell(until.is_null() ? std::string("The old secret has ended.")
                         : fmt::format("The old secret opens until {}.", until.get<std::string>()));
    print_pairs(line, answer.body);
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
    CLI::App* reset =
        credential->add_subcommand("reset", "Give one key pair a new secret and print it");
    reset->add_option("SERVICE", options->service, "Code or id of the service")->required();
    reset->add_option("CREDENTIAL", options->credential, "Id of the credential")->required();
    reset->add_option("--type", options->type, "Which pair")
        ->required()
        ->check(CLI::IsMember({"basic", "oauth2", "hmac"}));
    reset
        ->add_option("--overlap", options->overlap,
                     "How long the old secret goes on opening: 0s, 8h, 30d at most")
        ->default_val("0s");
    reset->callback([&line, options] {
        line.action = [&line, options] { return reset_credential(line, *options); };
    });
}

}  // namespace lintel::app
