#include "store/domains.h"

#include <unordered_map>

#include "store/rows.h"

namespace lintel::store {

namespace {

constexpr std::string_view kDomainColumns =
    "id, gateway_id, name, min_tls_version, redirect_to_https, client_certificates, version,"
    " created_at, created_by, updated_at";

model::Domain to_domain(const sql::Row& row) {
    model::Domain domain;
    domain.id = model::DomainId(row.text(0));
    domain.gateway_id = model::GatewayId(row.text(1));
    domain.name = row.text(2);
    domain.min_tls_version =
        model::parse_tls_version(row.text(3)).value_or(model::TlsVersion::Tls13);
    domain.redirect_to_https = row.flag(4);
    domain.client_certificates = row.flag(5);
    domain.version = row.integer(6);
    domain.created_at = row.integer(7);
    domain.created_by = row.text(8);
    domain.updated_at = row.integer(9);
    return domain;
}

}  // namespace

Status Domains::add(const model::Domain& domain) {
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO domains (id, gateway_id, name, min_tls_version, redirect_to_https,"
                    " client_certificates, version, created_at, created_by, updated_at)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    {domain.id.str(), domain.gateway_id.str(), domain.name,
                     std::string(name(domain.min_tls_version)), domain.redirect_to_https,
                     domain.client_certificates, domain.version, domain.created_at,
                     domain.created_by, domain.updated_at}));
    changes_.add({.kind = model::Change::Kind::Domains});
    return add_parts(domain);
}

Status Domains::save(const model::Domain& domain) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE domains SET min_tls_version = $2, redirect_to_https = $3, client_certificates = $4,"
        " version = $5, updated_at = $6 WHERE id = $1",
        {domain.id.str(), std::string(name(domain.min_tls_version)), domain.redirect_to_https,
         domain.client_certificates, domain.version, domain.updated_at}));
    for (const char* table : {"domain_mappings", "domain_certificates"}) {
        RETURN_IF_ERROR(tx_.execute("DELETE FROM " + std::string(table) + " WHERE domain_id = $1",
                                    {domain.id.str()}));
    }
    changes_.add({.kind = model::Change::Kind::Domains});
    return add_parts(domain);
}

Status Domains::add_parts(const model::Domain& domain) {
    for (const model::PathMapping& mapping : domain.mappings) {
        RETURN_IF_ERROR(
            tx_.execute("INSERT INTO domain_mappings (domain_id, prefix, service_id,"
                        " environment_id) VALUES ($1, $2, $3, $4)",
                        {domain.id.str(), mapping.prefix, mapping.service_id.str(),
                         mapping.environment_id.str()}));
    }
    for (const model::CertificateId& certificate : domain.certificates) {
        RETURN_IF_ERROR(
            tx_.execute("INSERT INTO domain_certificates (domain_id, certificate_id)"
                        " VALUES ($1, $2)",
                        {domain.id.str(), certificate.str()}));
    }
    return {};
}

Result<std::vector<model::Domain>> Domains::select(const Where& where, const std::string& tail) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT " + std::string(kDomainColumns) + " FROM domains" + where.text() + tail,
                  where.values()));
    std::vector<model::Domain> domains = mapped(rows, to_domain);
    RETURN_IF_ERROR(load_parts(domains));
    return domains;
}

/// Two queries however many domains there are.
Status Domains::load_parts(std::vector<model::Domain>& domains) {
    std::unordered_map<std::string, model::Domain*> by_id;
    for (model::Domain& domain : domains) {
        by_id.emplace(domain.id.str(), &domain);
    }
    Where where;
    if (domains.size() == 1) { where.add("domain_id = ", domains.front().id.str()); }
    ASSIGN_OR_RETURN(const std::vector<sql::Row> mappings,
                     tx_.query("SELECT domain_id, prefix, service_id, environment_id"
                               " FROM domain_mappings" +
                                   where.text() + " ORDER BY domain_id, prefix",
                               where.values()));
    for (const sql::Row& row : mappings) {
        const auto domain = by_id.find(row.text(0));
        if (domain == by_id.end()) { continue; }
        domain->second->mappings.push_back({.prefix = row.text(1),
                                            .service_id = model::ServiceId(row.text(2)),
                                            .environment_id = model::EnvironmentId(row.text(3))});
    }
    ASSIGN_OR_RETURN(const std::vector<sql::Row> certificates,
                     tx_.query("SELECT domain_id, certificate_id FROM domain_certificates" +
                                   where.text() + " ORDER BY domain_id, certificate_id",
                               where.values()));
    for (const sql::Row& row : certificates) {
        const auto domain = by_id.find(row.text(0));
        if (domain != by_id.end()) { domain->second->certificates.emplace_back(row.text(1)); }
    }
    return {};
}

Result<model::Domain> Domains::get(const model::GatewayId& gateway, const std::string& id_or_name) {
    // An id has a "_", which a name cannot have.
    Where where;
    where.add("gateway_id = ", gateway.str());
    where.add(id_or_name.contains('_') ? "id = " : "name = ", id_or_name);
    ASSIGN_OR_RETURN(std::vector<model::Domain> found, select(where, ""));
    if (found.empty()) { return fail(Code::NotFound, "There is no domain '" + id_or_name + "'."); }
    return std::move(found.front());
}

Result<bool> Domains::name_exists(const std::string& name) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT 1 FROM domains WHERE name = $1", {name}));
    return row.has_value();
}

Status Domains::remove(const model::DomainId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM domains WHERE id = $1", {id.str()}));
    changes_.add({.kind = model::Change::Kind::Domains});
    return {};
}

Result<std::vector<model::Domain>> Domains::list(const model::GatewayId& gateway,
                                                 const IdPage& page) {
    Where where;
    where.add("gateway_id = ", gateway.str());
    if (!page.after.empty()) { where.add("id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    return select(where, " ORDER BY id DESC LIMIT " + limit);
}

Result<std::vector<model::Domain>> Domains::all() {
    return select({}, " ORDER BY id");
}

Result<std::vector<model::Domain>> Domains::showing(const model::CertificateId& certificate) {
    Where where;
    const std::string wanted = where.placeholder(certificate.str());
    where.add("id IN (SELECT domain_id FROM domain_certificates WHERE certificate_id = " + wanted +
              ")");
    return select(where, " ORDER BY name");
}

Result<std::vector<std::string>> Domains::names_where(std::string_view column,
                                                      const std::string& id, int limit) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT DISTINCT d.name FROM domains d"
                               " JOIN domain_mappings m ON m.domain_id = d.id WHERE m." +
                                   std::string(column) + " = $1 ORDER BY d.name LIMIT $2",
                               {id, std::int64_t{limit}}));
    return mapped(rows, first_text);
}

Result<std::vector<std::string>> Domains::mapping_to(const model::ServiceId& service, int limit) {
    return names_where("service_id", service.str(), limit);
}

Result<std::vector<std::string>> Domains::mapping_to(const model::EnvironmentId& environment,
                                                     int limit) {
    return names_where("environment_id", environment.str(), limit);
}

}  // namespace lintel::store
