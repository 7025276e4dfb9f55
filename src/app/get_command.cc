// lintel get: lists and single objects.
#include <CLI/CLI.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/suggestion.h"

namespace lintel::app {

namespace {

using data::Json;

/// One thing that can be listed, and how.
struct Listing {
    std::string_view name;
    std::string_view path;  ///< after the gateway; "{}" stands for the owner
    bool of_gateway = true;
    bool has_items = true;  ///< single objects can be had by name
    std::vector<Column> columns;
};

const std::vector<Listing>& listings() {  // NOLINT(readability-function-size): a table
    static const std::vector<Listing> all{
        {"services",
         "/services",
         true,
         true,
         {{"CODE", "/code"},
          {"NAME", "/name"},
          {"STATUS", "/status"},
          {"GROUP", "/group"},
          {"RELEASE", "/latest_release"},
          {"DRAFT", "/has_draft"},
          {"DEPLOYED", "/deployments"}}},
        {"apis",
         "/services/{}/apis",
         true,
         true,
         {{"ID", "/id"},
          {"METHOD", "/method"},
          {"PATH", "/path"},
          {"NAME", "/name"},
          {"AUTH", "/auth/kind"},
          {"BACKEND", "/backend/kind"}}},
        {"releases",
         "/services/{}/releases",
         true,
         true,
         {{"NUMBER", "/number"},
          {"CREATED", "/created_at"},
          {"BY", "/created_by"},
          {"NOTE", "/note"}}},
        {"deployments",
         "/services/{}/deployments",
         true,
         true,
         {{"ENVIRONMENT", "/environment"},
          {"RELEASE", "/release"},
          {"STATE", "/state"},
          {"SINCE", "/since"},
          {"BY", "/changed_by"}}},
        {"records",
         "/services/{}/release-records",
         true,
         false,
         {{"AT", "/at"},
          {"ACTION", "/action"},
          {"ENVIRONMENT", "/environment"},
          {"RELEASE", "/release"},
          {"RESULT", "/result"},
          {"BY", "/operator"},
          {"NOTE", "/note"}}},
        {"credentials",
         "/services/{}/credentials",
         true,
         true,
         {{"ID", "/id"}, {"NAME", "/name"}, {"STATUS", "/status"}, {"CREATED", "/created_at"}}},
        {"environments",
         "/environments",
         true,
         true,
         {{"CODE", "/code"}, {"NAME", "/name"}, {"STATUS", "/status"}}},
        {"domains",
         "/domains",
         true,
         true,
         {{"NAME", "/name"},
          {"MAPPINGS", "/mappings"},
          {"CERTIFICATES", "/certificates"},
          {"TLS", "/min_tls_version"},
          {"CLIENTS", "/client_certificates"}}},
        {"certificates",
         "/certificates",
         true,
         true,
         {{"NAME", "/name"},
          {"FOR", "/names"},
          {"KEY", "/algorithm"},
          {"EXPIRES", "/not_after"},
          {"ISSUER", "/issuer"}}},
        {"upstreams",
         "/upstreams",
         true,
         true,
         {{"NAME", "/name"}, {"SERVERS", "/servers"}, {"CHANGED", "/updated_at"}}},
        {"groups", "/service-groups", true, false, {{"NAME", "/name"}, {"ID", "/id"}}},
        {"gateways",
         "/api/v1/gateways",
         false,
         true,
         {{"CODE", "/code"}, {"NAME", "/name"}, {"CREATED", "/created_at"}}},
        {"users",
         "/api/v1/users",
         false,
         true,
         {{"NAME", "/name"},
          {"DISPLAY NAME", "/display_name"},
          {"ADMIN", "/is_system_admin"},
          {"ENABLED", "/enabled"},
          {"CREATED", "/created_at"}}},
        {"projects",
         "/projects",
         true,
         true,
         {{"NAME", "/name"},
          {"DESCRIPTION", "/description"},
          {"ADMINS", "/admins"},
          {"YOUR ROLE", "/role"},
          {"ID", "/id"}}},
        {"members",
         "/projects/{}/members",
         true,
         true,
         {{"USER", "/user"},
          {"ROLE", "/role"},
          {"PERMISSION", "/permission"},
          {"SINCE", "/created_at"},
          {"BY", "/created_by"}}},
        {"tokens",
         "/api/v1/api-tokens",
         false,
         false,
         {{"ID", "/id"}, {"NAME", "/name"}, {"KIND", "/kind"}, {"EXPIRES", "/expires_at"}}},
        {"audit-events",
         "/api/v1/audit-events",
         false,
         false,
         {{"AT", "/at"}, {"ACTOR", "/actor"}, {"ACTION", "/action"}, {"OBJECT", "/object_name"}}},
    };
    return all;
}

struct GetOptions {
    std::string what;
    std::string name;
    std::string service;
    std::string project;
};

Outcome<const Listing*> find_listing(const std::string& what) {
    std::vector<std::string_view> names;
    for (const Listing& listing : listings()) {
        if (listing.name == what || listing.name == what + "s") { return &listing; }
        names.push_back(listing.name);
    }
    const std::string_view guess = nearest(what, names);
    return give_up(
        ExitCode::Usage,
        guess.empty()
            ? fmt::format("'{}' cannot be listed; these can: {}", what, fmt::join(names, ", "))
            : fmt::format("'{}' cannot be listed; did you mean '{}'?", what, guess));
}

bool is_paged(const Listing& listing) {
    return listing.name != "environments" && listing.name != "groups" &&
           listing.name != "deployments" && listing.name != "gateways";
}

Outcome<std::string> path_of(const CommandLine& line, const Listing& listing,
                             const GetOptions& options) {
    std::string path(listing.path);
    if (const std::size_t place = path.find("{}"); place != std::string::npos) {
        const bool of_project = path.starts_with("/projects/");
        const std::string& owner = of_project ? options.project : options.service;
        if (owner.empty()) {
            return give_up(ExitCode::Usage,
                           fmt::format("'lintel get {}' needs {}", listing.name,
                                       of_project ? "--project PROJECT" : "--service SERVICE"));
        }
        path.replace(place, 2, percent_encode(owner));
    }
    if (listing.of_gateway) { path = line.path({}) + path; }
    if (!options.name.empty()) { path += "/" + percent_encode(options.name); }
    return path;
}

Outcome<void> run_get(const CommandLine& line, const GetOptions& options) {
    ASSIGN_OR_RETURN(const Listing* listing, find_listing(options.what));
    if (!options.name.empty() && !listing->has_items) {
        return give_up(ExitCode::Usage, fmt::format("'{}' can only be listed; leave '{}' out",
                                                    listing->name, options.name));
    }
    ASSIGN_OR_RETURN(const std::string path, path_of(line, *listing, options));
    ASSIGN_OR_RETURN(const ApiClient client, line.client());
    if (options.name.empty() && is_paged(*listing)) {
        ASSIGN_OR_RETURN(const Json items, client.list(path));
        print_data(items, line.format, listing->columns);
        return {};
    }
    ASSIGN_OR_RETURN(const ApiAnswer answer, client.call({.path = path}));
    print_data(options.name.empty() ? answer.body.at("items") : answer.body, line.format,
               listing->columns);
    return {};
}

}  // namespace

void add_get_command(CLI::App& app, CommandLine& line) {
    auto options = std::make_shared<GetOptions>();
    CLI::App* command = app.add_subcommand("get", "List things, or show one");
    command->footer(
        "WHAT is one of services, apis, releases, deployments, records, credentials,\n"
        "environments, domains, certificates, upstreams, groups, projects, members, gateways,\n"
        "users, tokens, audit-events.\n\n"
        "Examples:\n"
        "  lintel get services\n"
        "  lintel get service petstore -o yaml\n"
        "  lintel get apis --service petstore");
    command->add_option("WHAT", options->what, "What to list")->required();
    command->add_option("NAME", options->name, "Show this one only (code, number or id)");
    command->add_option("--service", options->service, "The service whose things are meant");
    command->add_option("--project", options->project, "The project whose members are meant");
    command->callback(
        [&line, options] { line.action = [&line, options] { return run_get(line, *options); }; });
}

}  // namespace lintel::app
