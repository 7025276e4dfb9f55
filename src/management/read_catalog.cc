#include <algorithm>
#include <set>

#include "data/yaml.h"
#include "management/catalog.h"
#include "management/openapi_mapping.h"
#include "management/shelf.h"
#include "management/steps.h"
#include "openapi/write.h"

namespace lintel::management {

namespace {

/// Enough for everybody: one per service and credential.
constexpr int kMaxShownSubscriptions = 100;

data::Json api_to_json(const model::ApiDefinition& api) {
    const data::Json whole = model::to_json(api);
    data::Json shown = data::Json::object();
    for (const char* member : {"id", "name", "description", "group", "method", "path", "parameters",
                               "body", "responses"}) {
        shown[member] = whole.at(member);
    }
    shown["auth"] = api.auth.kind;
    return shown;
}

/// The newest release that runs; of a stopped service the newest that ran.
std::int64_t shown_release(const std::vector<model::Deployment>& deployments) {
    std::int64_t running = 0;
    std::int64_t any = 0;
    for (const model::Deployment& deployment : deployments) {
        any = std::max(any, deployment.release);
        if (deployment.state == model::DeploymentState::Running) {
            running = std::max(running, deployment.release);
        }
    }
    return running > 0 ? running : any;
}

Result<CatalogEntry> view_entry(Management& m, store::Transaction& tx, const Caller& caller,
                                const model::Listing& listing) {
    CatalogEntry entry{.listing = listing};
    ASSIGN_OR_RETURN(entry.service, tx.services().get(listing.service_id));
    ASSIGN_OR_RETURN(const std::optional<model::Project> project,
                     tx.projects().find(entry.service.gateway_id, entry.service.project_id.str()));
    if (project) { entry.project = project->name; }
    ASSIGN_OR_RETURN(entry.addresses, call_addresses(m, tx, entry.service));
    ASSIGN_OR_RETURN(const std::vector<model::Deployment> deployments,
                     tx.deployments().of_service(entry.service.id));
    entry.release = shown_release(deployments);
    ASSIGN_OR_RETURN(model::Release release, tx.releases().get(entry.service.id, entry.release));
    entry.definition = std::move(release.definition);
    ASSIGN_OR_RETURN(
        entry.subscriptions,
        tx.subscriptions().list(
            {.service_id = entry.service.id, .user_id = caller.user().id, .only_open = true},
            {.after = "", .limit = kMaxShownSubscriptions}));
    return entry;
}

Result<CatalogEntry> load_entry(Management& m, store::Transaction& tx, const Caller& caller,
                                const std::string& service) {
    ASSIGN_OR_RETURN(const model::Service found, load_listed(tx, caller, service));
    ASSIGN_OR_RETURN(const model::Listing listing, tx.listings().get(found.id));
    return view_entry(m, tx, caller, listing);
}

}  // namespace

data::Json summary_to_json(const CatalogEntry& entry) {
    std::set<std::string> auth;
    for (const model::ApiDefinition& api : entry.definition.apis) {
        auth.insert(api.auth.kind);
    }
    data::Json subscriptions = data::Json::array();
    for (const SubscriptionView& view : entry.subscriptions) {
        subscriptions.push_back(to_json(view));
    }
    const model::Service& service = entry.service;
    return {{"id", service.id.str()},
            {"code", service.code},
            {"name", service.name},
            {"description", service.description},
            {"protocol", std::string(name(service.protocol))},
            {"group", service.group},
            {"project", entry.project},
            {"provider", entry.listing.provider},
            {"listed_at", to_rfc3339(entry.listing.listed_at)},
            {"status", entry.addresses.empty() ? "stopped" : "running"},
            {"auth", auth},
            {"api_count", entry.definition.apis.size()},
            {"addresses", to_json(entry.addresses)},
            {"subscriptions", subscriptions}};
}

data::Json to_json(const CatalogEntry& entry) {
    data::Json json = summary_to_json(entry);
    data::Json apis = data::Json::array();
    for (const model::ApiDefinition& api : entry.definition.apis) {
        apis.push_back(api_to_json(api));
    }
    json["release"] = entry.release;
    json["apis"] = std::move(apis);
    return json;
}

Result<model::Service> load_listed(store::Transaction& tx, const Caller& caller,
                                   const std::string& id_or_code) {
    const Error unknown{.code = Code::NotFound,
                        .message = "The catalog has no service '" + id_or_code + "'."};
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    Result<model::Service> service = tx.services().get(gateway.id, id_or_code);
    if (!service) {
        return fail(service.error().code == Code::NotFound ? unknown : service.error());
    }
    ASSIGN_OR_RETURN(const model::Listing listing, tx.listings().get(service->id));
    if (!model::is_in_catalog(listing.status)) { return fail(unknown); }
    return service;
}

Result<Page<CatalogEntry>> list_catalog(Management& m, const Caller& caller,
                                        const CatalogFilter& filter, const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadCatalog));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(std::vector<model::Listing> listings,
                     tx.listings().catalog({.gateway_id = gateway.id,
                                            .text = filter.query,
                                            .group = filter.group,
                                            .project = filter.project,
                                            .provider = filter.provider,
                                            .protocol = filter.protocol,
                                            .auth = filter.auth,
                                            .user = caller.user().id,
                                            .subscription = filter.subscription},
                                           {.after = after, .limit = limit}));
    Page<model::Listing> found =
        page_of(std::move(listings), page,
                [](const model::Listing& listing) { return listing.service_id.str(); });
    Page<CatalogEntry> entries{.items = {}, .next_page_token = std::move(found.next_page_token)};
    for (const model::Listing& listing : found.items) {
        ASSIGN_OR_RETURN(CatalogEntry entry, view_entry(m, tx, caller, listing));
        entries.items.push_back(std::move(entry));
    }
    return entries;
}

Result<CatalogEntry> show_catalog_entry(Management& m, const Caller& caller,
                                        const std::string& service) {
    RETURN_IF_ERROR(caller.require(Permission::ReadCatalog));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return load_entry(m, tx, caller, service);
}

Result<std::string> describe_catalog_entry(Management& m, const Caller& caller,
                                           const std::string& service, FileFormat format) {
    RETURN_IF_ERROR(caller.require(Permission::ReadCatalog));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const CatalogEntry entry, load_entry(m, tx, caller, service));
    const data::Json file = openapi::write(
        document_of(entry.definition, std::to_string(entry.release), entry.addresses),
        {.with_extensions = false});
    return format == FileFormat::Json ? data::dump_pretty(file) : data::to_yaml(file);
}

}  // namespace lintel::management
