#include "store/certificates.h"

#include "base/log.h"
#include "base/text.h"
#include "store/documents.h"
#include "store/rows.h"

namespace lintel::store {

namespace {

constexpr std::string_view kCertificateColumns =
    "id, gateway_id, name, chain, authorities, facts, version, created_at, created_by, updated_at,"
    " sealed_key";
constexpr std::size_t kSealedKey = 10;

std::string context_of(const model::CertificateId& id) {
    return "certificates|" + id.str() + "|sealed_key|1";
}

Result<model::Certificate> to_certificate(const sql::Row& row) {
    ASSIGN_OR_RETURN(const data::Json facts, read_document(row.text(5), "facts of " + row.text(0)));
    model::Certificate certificate;
    ASSIGN_OR_RETURN(certificate.facts, model::certificate_facts_from_json(facts));
    certificate.id = model::CertificateId(row.text(0));
    certificate.gateway_id = model::GatewayId(row.text(1));
    certificate.name = row.text(2);
    certificate.chain_pem = row.text(3);
    certificate.authorities_pem = row.text(4);
    certificate.version = row.integer(6);
    certificate.created_at = row.integer(7);
    certificate.created_by = row.text(8);
    certificate.updated_at = row.integer(9);
    return certificate;
}

}  // namespace

std::string Certificates::sealed_key_of(const model::Certificate& certificate) const {
    return to_base64(sealer_.seal(certificate.key_pem.reveal(), context_of(certificate.id)));
}

Status Certificates::add(const model::Certificate& certificate) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO certificates (id, gateway_id, name, chain, sealed_key, authorities, facts,"
        " version, created_at, created_by, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        {certificate.id.str(), certificate.gateway_id.str(), certificate.name,
         certificate.chain_pem, sealed_key_of(certificate), certificate.authorities_pem,
         data::dump(model::to_json(certificate.facts)), certificate.version, certificate.created_at,
         certificate.created_by, certificate.updated_at}));
    changes_.add({.kind = model::Change::Kind::Certificate, .certificate_id = certificate.id});
    return {};
}

Status Certificates::save(const model::Certificate& certificate) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE certificates SET chain = $2, sealed_key = $3, authorities = $4, facts = $5,"
        " version = $6, updated_at = $7 WHERE id = $1",
        {certificate.id.str(), certificate.chain_pem, sealed_key_of(certificate),
         certificate.authorities_pem, data::dump(model::to_json(certificate.facts)),
         certificate.version, certificate.updated_at}));
    changes_.add({.kind = model::Change::Kind::Certificate, .certificate_id = certificate.id});
    return {};
}

Result<std::vector<sql::Row>> Certificates::select(const Where& where, const std::string& tail) {
    return tx_.query(
        "SELECT " + std::string(kCertificateColumns) + " FROM certificates" + where.text() + tail,
        where.values());
}

Status Certificates::unseal(const sql::Row& row, model::Certificate& certificate) const {
    const std::optional<std::string> sealed = from_base64(row.text(kSealedKey));
    std::optional<Secret> key = sealer_.open(sealed.value_or(""), context_of(certificate.id));
    if (!key) {
        return fail(Code::Internal, "The private key of a certificate cannot be opened.",
                    "certificate " + certificate.id.str());
    }
    certificate.key_pem = *std::move(key);
    return {};
}

Result<model::Certificate> Certificates::first_of(const std::vector<sql::Row>& rows,
                                                  const std::string& wanted,
                                                  Secrets secrets) const {
    if (rows.empty()) { return fail(Code::NotFound, "There is no certificate '" + wanted + "'."); }
    ASSIGN_OR_RETURN(model::Certificate certificate, to_certificate(rows.front()));
    if (secrets == Secrets::Unsealed) { RETURN_IF_ERROR(unseal(rows.front(), certificate)); }
    return certificate;
}

Result<model::Certificate> Certificates::get(const model::GatewayId& gateway,
                                             const std::string& id_or_name, Secrets secrets) {
    // A name could look like an id; the name wins, because it is what people type.
    Where where;
    where.add("gateway_id = ", gateway.str());
    const std::string wanted = where.placeholder(id_or_name);
    where.add("(id = " + wanted + " OR name = " + wanted + ")");
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        select(where, " ORDER BY CASE WHEN name = " + wanted + " THEN 0 ELSE 1 END LIMIT 1"));
    return first_of(rows, id_or_name, secrets);
}

Result<model::Certificate> Certificates::get(const model::CertificateId& id, Secrets secrets) {
    Where where;
    where.add("id = ", id.str());
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, select(where, ""));
    return first_of(rows, id.str(), secrets);
}

Result<bool> Certificates::name_exists(const model::GatewayId& gateway, const std::string& name) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT 1 FROM certificates WHERE gateway_id = $1 AND name = $2",
                                   {gateway.str(), name}));
    return row.has_value();
}

Status Certificates::remove(const model::CertificateId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM certificates WHERE id = $1", {id.str()}));
    changes_.add({.kind = model::Change::Kind::Certificate, .certificate_id = id});
    return {};
}

Result<bool> Certificates::any() {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT 1 FROM certificates LIMIT 1"));
    return row.has_value();
}

Result<std::vector<model::Certificate>> Certificates::list(const model::GatewayId& gateway,
                                                           const IdPage& page) {
    Where where;
    where.add("gateway_id = ", gateway.str());
    if (!page.after.empty()) { where.add("id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     select(where, " ORDER BY id DESC LIMIT " + limit));
    return mapped_or_error(rows, to_certificate);
}

Result<std::vector<model::Certificate>> Certificates::unsealed() {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows, select({}, " ORDER BY id"));
    std::vector<model::Certificate> certificates;
    for (const sql::Row& row : rows) {
        ASSIGN_OR_RETURN(model::Certificate certificate, to_certificate(row));
        if (const Status opened = unseal(row, certificate); !opened) {
            // One damaged row must not take the other domains down.
            log::error("certificate cannot be read",
                       {{"certificate", row.text(0)}, {"error", opened.error().message}});
            continue;
        }
        certificates.push_back(std::move(certificate));
    }
    return certificates;
}

}  // namespace lintel::store
