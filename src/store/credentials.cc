#include "store/credentials.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/log.h"
#include "base/text.h"
#include "store/documents.h"
#include "store/rows.h"

namespace lintel::store {

namespace {

std::string context_of(const model::CredentialId& id, model::KeyPairType type) {
    return "key_pairs|" + id.str() + "/" + std::string(name(type)) + "|sealed_secret|1";
}

Result<model::Credential> to_credential(const sql::Row& row) {
    ASSIGN_OR_RETURN(const data::Json document,
                     read_document(row.text(6), "options of " + row.text(0)));
    ASSIGN_OR_RETURN(model::HmacOptions options, model::hmac_options_from_json(document, ""));
    model::Credential credential;
    credential.id = model::CredentialId(row.text(0));
    credential.service_id = model::ServiceId(row.text(1));
    credential.name = row.text(2);
    credential.description = row.text(3);
    credential.status =
        model::parse_credential_status(row.text(4)).value_or(model::CredentialStatus::Disabled);
    credential.generation = row.integer(5);
    credential.hmac_options = std::move(options);
    credential.version = row.integer(7);
    credential.created_at = row.integer(8);
    credential.created_by = row.text(9);
    credential.updated_at = row.integer(10);
    return credential;
}

}  // namespace

Status Credentials::add(const model::Credential& credential) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO credentials (id, service_id, name, description, status, generation,"
        " hmac_options, version, created_at, created_by, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        {credential.id.str(), credential.service_id.str(), credential.name, credential.description,
         std::string(name(credential.status)), credential.generation,
         data::dump(to_json(credential.hmac_options)), credential.version, credential.created_at,
         credential.created_by, credential.updated_at}));
    for (const model::KeyPairType type : model::kKeyPairTypes) {
        RETURN_IF_ERROR(add_pair(credential.id, type, credential.pair(type)));
    }
    changes_.add({.kind = model::Change::Kind::Credentials, .service_id = credential.service_id});
    return {};
}

Status Credentials::add_pair(const model::CredentialId& id, model::KeyPairType type,
                             const model::KeyPair& pair) {
    const std::string sealed = to_base64(sealer_.seal(pair.secret.reveal(), context_of(id, type)));
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO key_pairs (credential_id, type, access_key, sealed_secret)"
                    " VALUES ($1, $2, $3, $4)",
                    {id.str(), std::string(name(type)), pair.key, sealed}));
    return {};
}

Status Credentials::save(const model::Credential& credential) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE credentials SET name = $2, description = $3, status = $4, generation = $5,"
        " hmac_options = $6, version = $7, updated_at = $8 WHERE id = $1",
        {credential.id.str(), credential.name, credential.description,
         std::string(name(credential.status)), credential.generation,
         data::dump(to_json(credential.hmac_options)), credential.version, credential.updated_at}));
    changes_.add({.kind = model::Change::Kind::Credentials, .service_id = credential.service_id});
    return {};
}

Status Credentials::save_secret(const model::CredentialId& id, model::KeyPairType type,
                                const Secret& secret) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE key_pairs SET sealed_secret = $3 WHERE credential_id = $1 AND type = $2",
        {id.str(), std::string(name(type)),
         to_base64(sealer_.seal(secret.reveal(), context_of(id, type)))}));
    return {};
}

Result<std::vector<model::Credential>> Credentials::select(const Where& where,
                                                           const std::string& tail) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT id, service_id, name, description, status, generation, hmac_options,"
                  " version, created_at, created_by, updated_at FROM credentials" +
                      where.text() + tail,
                  where.values()));
    return mapped_or_error(rows, to_credential);
}

Status Credentials::load_pairs(model::Credential& credential, Secrets secrets) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT credential_id, type, access_key, sealed_secret FROM key_pairs"
                  " WHERE credential_id = $1",
                  {credential.id.str()}));
    for (const sql::Row& row : rows) {
        RETURN_IF_ERROR(take_pair(row, credential, secrets));
    }
    return {};
}

/// A row of credential_id, type, access_key, sealed_secret.
Status Credentials::take_pair(const sql::Row& row, model::Credential& credential,
                              Secrets secrets) const {
    const auto type = model::parse_key_pair_type(row.text(1));
    if (!type) { return {}; }
    model::KeyPair& pair = credential.pair(*type);
    pair.key = row.text(2);
    if (secrets == Secrets::Sealed) { return {}; }
    const std::optional<std::string> sealed = from_base64(row.text(3));
    std::optional<Secret> secret =
        sealed ? sealer_.open(*sealed, context_of(credential.id, *type)) : std::nullopt;
    if (!secret) {
        return fail(Code::Internal, "A stored secret cannot be opened.",
                    context_of(credential.id, *type) + " was altered or moved");
    }
    pair.secret = *std::move(secret);
    return {};
}

Result<model::Credential> Credentials::get(const model::ServiceId& service,
                                           const model::CredentialId& id, Secrets secrets) {
    Where where;
    where.add("service_id = ", service.str());
    where.add("id = ", id.str());
    ASSIGN_OR_RETURN(std::vector<model::Credential> found, select(where, ""));
    if (found.empty()) {
        return fail(Code::NotFound, "The service has no credential '" + id.str() + "'.");
    }
    RETURN_IF_ERROR(load_pairs(found.front(), secrets));
    return std::move(found.front());
}

Status Credentials::remove(const model::CredentialId& id) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("DELETE FROM credentials WHERE id = $1 RETURNING service_id", {id.str()}));
    if (row) {
        changes_.add({.kind = model::Change::Kind::Credentials,
                      .service_id = model::ServiceId(row->text(0))});
    }
    return {};
}

Result<std::vector<model::Credential>> Credentials::list(const model::ServiceId& service,
                                                         const IdPage& page) {
    Where where;
    where.add("service_id = ", service.str());
    if (!page.after.empty()) { where.add("id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(std::vector<model::Credential> credentials,
                     select(where, " ORDER BY id DESC LIMIT " + limit));
    for (model::Credential& credential : credentials) {
        RETURN_IF_ERROR(load_pairs(credential, Secrets::Sealed));
    }
    return credentials;
}

Result<std::vector<model::Credential>> Credentials::unsealed(const model::ServiceId& service) {
    Where where;
    if (!service.empty()) { where.add("service_id = ", service.str()); }
    ASSIGN_OR_RETURN(std::vector<model::Credential> credentials,
                     select(where, " ORDER BY service_id, id"));
    std::unordered_map<std::string, model::Credential*> by_id;
    for (model::Credential& credential : credentials) {
        by_id.emplace(credential.id.str(), &credential);
    }
    std::set<std::string> broken;
    // One query for all pairs: a service may have very many credentials.
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT credential_id, type, access_key, sealed_secret"
                               " FROM key_pairs JOIN credentials ON id = credential_id" +
                                   where.text(),
                               where.values()));
    for (const sql::Row& row : rows) {
        const auto at = by_id.find(row.text(0));
        if (at == by_id.end()) { continue; }
        const Status opened = take_pair(row, *at->second, Secrets::Unsealed);
        if (opened) { continue; }
        // One damaged row must not lock out all other callers.
        log::error("credential cannot be read",
                   {{"credential", row.text(0)}, {"cause", opened.error().cause}});
        broken.insert(row.text(0));
    }
    std::erase_if(credentials,
                  [&](const model::Credential& c) { return broken.contains(c.id.str()); });
    return credentials;
}

Result<model::CredentialId> Credentials::find_by_name(const model::ServiceId& service,
                                                      const std::string& name) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT id FROM credentials WHERE service_id = $1 AND name = $2",
                                   {service.str(), name}));
    return row ? model::CredentialId(row->text(0)) : model::CredentialId();
}

Result<bool> Credentials::key_exists(model::KeyPairType type, const std::string& key) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT 1 FROM key_pairs WHERE type = $1 AND access_key = $2",
                                   {std::string(name(type)), key}));
    return row.has_value();
}

Status Grants::add(const model::Grant& grant) {
    data::Json environments = data::Json::array();
    for (const model::EnvironmentId& id : grant.environments) {
        environments.push_back(id.str());
    }
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO grants (id, credential_id, service_id, api_id, environments)"
                    " VALUES ($1, $2, $3, $4, $5)",
                    {grant.id.str(), grant.credential_id.str(), grant.service_id.str(),
                     grant.api_id.str(), data::dump(environments)}));
    changes_.add({.kind = model::Change::Kind::Credentials, .service_id = grant.service_id});
    return {};
}

Result<std::vector<model::Grant>> Grants::list(const model::ServiceId& service) {
    Where where;
    if (!service.empty()) { where.add("service_id = ", service.str()); }
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT id, credential_id, service_id, api_id, environments FROM grants" +
                      where.text() + " ORDER BY service_id, id",
                  where.values()));
    std::vector<model::Grant> grants;
    for (const sql::Row& row : rows) {
        ASSIGN_OR_RETURN(const data::Json environments,
                         read_document(row.text(4), "grant " + row.text(0)));
        model::Grant grant{.id = model::GrantId(row.text(0)),
                           .credential_id = model::CredentialId(row.text(1)),
                           .service_id = model::ServiceId(row.text(2)),
                           .api_id = model::ApiId(row.text(3)),
                           .environments = {}};
        for (const data::Json& id : environments) {
            if (id.is_string()) { grant.environments.emplace_back(id.get<std::string>()); }
        }
        grants.push_back(std::move(grant));
    }
    return grants;
}

}  // namespace lintel::store
