#include <fmt/format.h>

#include <algorithm>

#include "management/domain_view.h"
#include "management/domains.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

constexpr int kMaxNamedDomains = 5;

Status refuse_mapped(const std::vector<std::string>& domains, std::string_view what) {
    if (domains.empty()) { return {}; }
    return fail(Code::StateConflict,
                fmt::format("The {} is what the domains {} lead to; change or delete them first.",
                            what, fmt::join(domains, ", ")));
}

}  // namespace

Result<DomainView> view_domain(store::Transaction& tx, const Caller& caller,
                               const model::Domain& domain) {
    DomainView view{.domain = domain, .mappings = {}, .certificates = {}};
    ASSIGN_OR_RETURN(const std::vector<model::Environment> environments,
                     load_environments(tx, domain.gateway_id));
    for (const model::PathMapping& mapping : domain.mappings) {
        ASSIGN_OR_RETURN(const model::Service service, tx.services().get(mapping.service_id));
        if (!caller.sees(service)) { continue; }
        const auto environment =
            std::ranges::find(environments, mapping.environment_id, &model::Environment::id);
        view.mappings.push_back(
            {.prefix = mapping.prefix,
             .service = service.code,
             .environment = environment == environments.end() ? "" : environment->code});
    }
    for (const model::CertificateId& id : domain.certificates) {
        ASSIGN_OR_RETURN(const model::Certificate certificate,
                         tx.certificates().get(id, store::Secrets::Sealed));
        view.certificates.push_back(certificate.name);
    }
    return view;
}

data::Json to_json(const DomainView& view) {
    data::Json mappings = data::Json::array();
    for (const MappingText& mapping : view.mappings) {
        mappings.push_back({{"prefix", mapping.prefix},
                            {"service", mapping.service},
                            {"environment", mapping.environment}});
    }
    const model::Domain& domain = view.domain;
    return {{"id", domain.id.str()},
            {"name", domain.name},
            {"mappings", std::move(mappings)},
            {"certificates", view.certificates},
            {"min_tls_version", std::string(name(domain.min_tls_version))},
            {"redirect_to_https", domain.redirect_to_https},
            {"client_certificates", domain.client_certificates},
            {"version", domain.version},
            {"created_at", to_rfc3339(domain.created_at)},
            {"created_by", domain.created_by},
            {"updated_at", to_rfc3339(domain.updated_at)}};
}

Result<Page<DomainView>> list_domains(Management& m, const Caller& caller,
                                      const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadDomain));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(std::vector<model::Domain> domains,
                     tx.domains().list(gateway.id, {.after = after, .limit = limit}));
    Page<model::Domain> found = page_of(
        std::move(domains), page, [](const model::Domain& domain) { return domain.id.str(); });
    Page<DomainView> views{.items = {}, .next_page_token = std::move(found.next_page_token)};
    for (const model::Domain& domain : found.items) {
        ASSIGN_OR_RETURN(views.items.emplace_back(), view_domain(tx, caller, domain));
    }
    return views;
}

Result<DomainView> show_domain(Management& m, const Caller& caller, const std::string& domain) {
    RETURN_IF_ERROR(caller.require(Permission::ReadDomain));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Domain found, load_domain(tx, caller, domain, {}));
    return view_domain(tx, caller, found);
}

Result<model::Domain> load_domain(store::Transaction& tx, const Caller& caller,
                                  const std::string& id_or_name, ExpectedVersion expected) {
    const Result<std::string> name = model::canonical_domain_name(id_or_name);
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(model::Domain domain, tx.domains().get(gateway.id, name ? *name : id_or_name));
    RETURN_IF_ERROR(require_version(domain.version, expected));
    return domain;
}

Status require_unmapped(store::Transaction& tx, const model::ServiceId& service) {
    ASSIGN_OR_RETURN(const std::vector<std::string> domains,
                     tx.domains().mapping_to(service, kMaxNamedDomains));
    return refuse_mapped(domains, "service");
}

Status require_unmapped(store::Transaction& tx, const model::EnvironmentId& environment) {
    ASSIGN_OR_RETURN(const std::vector<std::string> domains,
                     tx.domains().mapping_to(environment, kMaxNamedDomains));
    return refuse_mapped(domains, "environment");
}

}  // namespace lintel::management
