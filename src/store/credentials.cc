#include "store/credentials.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/assert.h"
#include "base/log.h"
#include "base/text.h"
#include "store/documents.h"
#include "store/rows.h"
#include "store/text_search.h"

namespace lintel::store {

namespace {

constexpr std::string_view kSecret = "sealed_secret";
constexpr std::string_view kPrevious = "sealed_previous";
/// What take_pair() reads.
constexpr std::string_view kPairColumns =
    "credential_id, type, access_key, sealed_secret, sealed_previous, previous_until, last_used_at";

std::string context_of(const model::CredentialId& id, model::KeyPairType type,
                       std::string_view column) {
    return "key_pairs|" + id.str() + "/" + std::string(name(type)) + "|" + std::string(column) +
           "|1";
}

/// The column of the owner that the credential does not have is null.
sql::Value or_null(const std::string& id) {
    return id.empty() ? sql::Value() : sql::Value(id);
}

Result<model::Credential> to_credential(const sql::Row& row) {
    ASSIGN_OR_RETURN(const data::Json document,
                     read_document(row.text(6), "options of " + row.text(0)));
    ASSIGN_OR_RETURN(model::HmacOptions options, model::hmac_options_from_json(document, ""));
    ASSIGN_OR_RETURN(const data::Json attributes,
                     read_document(row.text(11), "attributes of " + row.text(0)));
    model::Credential credential;
    credential.id = model::CredentialId(row.text(0));
    if (!row.is_null(1)) { credential.owner.service_id = model::ServiceId(row.text(1)); }
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
    credential.attributes = model::attributes_from_json(attributes);
    if (!row.is_null(12)) {
        credential.owner.user_id = model::UserId(row.text(12));
        credential.owner.gateway_id = model::GatewayId(row.text(13));
    }
    return credential;
}

std::string searched_in(const model::Credential& credential) {
    return searched_text({credential.name, credential.description, credential.basic.key,
                          credential.oauth2.key, credential.hmac.key});
}

}  // namespace

void add_owner(Where& where, const model::CredentialOwner& owner) {
    if (!owner.service_id.empty()) {
        where.add("service_id = ", owner.service_id.str());
    } else if (!owner.user_id.empty()) {
        where.add("user_id = ", owner.user_id.str());
    } else if (owner.gateway_id.empty()) {
        where.add("user_id IS NOT NULL");
    }
    if (!owner.gateway_id.empty()) { where.add("gateway_id = ", owner.gateway_id.str()); }
}

Error no_such_credential(const model::CredentialOwner& owner, const model::CredentialId& id) {
    return {.code = Code::NotFound,
            .message = (owner.service_id.empty() ? "There is no subscription credential '"
                                                 : "The service has no credential '") +
                       id.str() + "'."};
}

Status Credentials::add(const model::Credential& credential) {
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO credentials (id, service_id, name, description, status, generation,"
        " hmac_options, version, created_at, created_by, updated_at, attributes, user_id,"
        " gateway_id, searched)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        {credential.id.str(), or_null(credential.owner.service_id.str()), credential.name,
         credential.description, std::string(name(credential.status)), credential.generation,
         data::dump(to_json(credential.hmac_options)), credential.version, credential.created_at,
         credential.created_by, credential.updated_at, data::dump(credential.attributes),
         or_null(credential.owner.user_id.str()), or_null(credential.owner.gateway_id.str()),
         searched_in(credential)}));
    for (const model::KeyPairType type : model::kKeyPairTypes) {
        RETURN_IF_ERROR(add_pair(credential.id, type, credential.pair(type)));
    }
    changes_.add(model::change_of(credential.owner));
    return {};
}

Status Credentials::add_pair(const model::CredentialId& id, model::KeyPairType type,
                             const model::KeyPair& pair) {
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO key_pairs (credential_id, type, access_key, sealed_secret)"
                    " VALUES ($1, $2, $3, $4)",
                    {id.str(), std::string(name(type)), pair.key,
                     seal(pair.secret, context_of(id, type, kSecret))}));
    return {};
}

Status Credentials::save(const model::Credential& credential) {
    RETURN_IF_ERROR(tx_.execute(
        "UPDATE credentials SET name = $2, description = $3, status = $4, generation = $5,"
        " hmac_options = $6, version = $7, updated_at = $8, attributes = $9, searched = $10"
        " WHERE id = $1",
        {credential.id.str(), credential.name, credential.description,
         std::string(name(credential.status)), credential.generation,
         data::dump(to_json(credential.hmac_options)), credential.version, credential.updated_at,
         data::dump(credential.attributes), searched_in(credential)}));
    changes_.add(model::change_of(credential.owner));
    return {};
}

Status Credentials::replace_secret(const model::CredentialId& id, model::KeyPairType type,
                                   const Secret& secret, TimeMs previous_until) {
    std::string previous;
    if (previous_until > 0) {
        ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                         tx_.query_one("SELECT sealed_secret FROM key_pairs"
                                       " WHERE credential_id = $1 AND type = $2",
                                       {id.str(), std::string(name(type))}));
        LINTEL_ASSERT(row.has_value(), "a credential has a pair of each type");
        ASSIGN_OR_RETURN(const Secret before, open(row->text(0), context_of(id, type, kSecret)));
        previous = seal(before, context_of(id, type, kPrevious));
    }
    RETURN_IF_ERROR(
        tx_.execute("UPDATE key_pairs SET sealed_secret = $3, sealed_previous = $4,"
                    " previous_until = $5 WHERE credential_id = $1 AND type = $2",
                    {id.str(), std::string(name(type)), seal(secret, context_of(id, type, kSecret)),
                     previous, previous_until}));
    return {};
}

Status Credentials::forget_previous(const model::CredentialId& id, model::KeyPairType type) {
    RETURN_IF_ERROR(
        tx_.execute("UPDATE key_pairs SET sealed_previous = '', previous_until = 0"
                    " WHERE credential_id = $1 AND type = $2",
                    {id.str(), std::string(name(type))}));
    return {};
}

std::string Credentials::seal(const Secret& secret, const std::string& context) const {
    return to_base64(sealer_.seal(secret.reveal(), context));
}

Result<Secret> Credentials::open(const std::string& sealed, const std::string& context) const {
    const std::optional<std::string> bytes = from_base64(sealed);
    std::optional<Secret> secret = bytes ? sealer_.open(*bytes, context) : std::nullopt;
    if (!secret) {
        return fail(Code::Internal, "A stored secret cannot be opened.",
                    context + " was altered or moved");
    }
    return *std::move(secret);
}

Result<std::vector<model::Credential>> Credentials::select(const Where& where,
                                                           const std::string& tail) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT id, service_id, name, description, status, generation, hmac_options,"
                  " version, created_at, created_by, updated_at, attributes, user_id,"
                  " gateway_id FROM credentials" +
                      where.text() + tail,
                  where.values()));
    return mapped_or_error(rows, to_credential);
}

Status Credentials::load_pairs(model::Credential& credential, Secrets secrets) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT " + std::string(kPairColumns) +
                                   " FROM key_pairs WHERE credential_id = $1",
                               {credential.id.str()}));
    for (const sql::Row& row : rows) {
        RETURN_IF_ERROR(take_pair(row, credential, secrets));
    }
    return {};
}

/// A row of kPairColumns.
Status Credentials::take_pair(const sql::Row& row, model::Credential& credential,
                              Secrets secrets) const {
    const auto type = model::parse_key_pair_type(row.text(1));
    if (!type) { return {}; }
    model::KeyPair& pair = credential.pair(*type);
    pair.key = row.text(2);
    pair.previous_until = row.integer(5);
    pair.last_used_at = row.integer(6);
    if (secrets == Secrets::Sealed) { return {}; }
    ASSIGN_OR_RETURN(pair.secret, open(row.text(3), context_of(credential.id, *type, kSecret)));
    if (pair.previous_until == 0) { return {}; }
    ASSIGN_OR_RETURN(pair.previous, open(row.text(4), context_of(credential.id, *type, kPrevious)));
    return {};
}

Result<model::Credential> Credentials::get(const model::CredentialOwner& owner,
                                           const model::CredentialId& id, Secrets secrets) {
    Where where;
    add_owner(where, owner);
    where.add("id = ", id.str());
    ASSIGN_OR_RETURN(std::vector<model::Credential> found, select(where, ""));
    if (found.empty()) { return fail(no_such_credential(owner, id)); }
    RETURN_IF_ERROR(load_pairs(found.front(), secrets));
    return std::move(found.front());
}

Status Credentials::remove(const model::CredentialId& id) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("DELETE FROM credentials WHERE id = $1"
                                   " RETURNING COALESCE(service_id, ''), COALESCE(user_id, '')",
                                   {id.str()}));
    if (row) {
        changes_.add(
            model::change_of({model::ServiceId(row->text(0)), model::UserId(row->text(1)), {}}));
    }
    return {};
}

Result<std::vector<model::Credential>> Credentials::list(const CredentialQuery& query,
                                                         const IdPage& page) {
    Where where;
    add_owner(where, query.owner);
    add_search(where, query.text);
    if (!page.after.empty()) { where.add("id < ", page.after); }
    where.keep_newest("credentials", page.limit);
    ASSIGN_OR_RETURN(std::vector<model::Credential> credentials,
                     select(where, " ORDER BY id DESC"));
    for (model::Credential& credential : credentials) {
        RETURN_IF_ERROR(load_pairs(credential, Secrets::Sealed));
    }
    return credentials;
}

Result<std::int64_t> Credentials::count(const model::CredentialOwner& owner) {
    Where where;
    add_owner(where, owner);
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT COUNT(*) FROM credentials" + where.text(), where.values()));
    return rows.front().integer(0);
}

Result<std::vector<model::Credential>> Credentials::unsealed(
    const std::optional<model::CredentialOwner>& owner) {
    Where where;
    if (owner) { add_owner(where, *owner); }
    ASSIGN_OR_RETURN(std::vector<model::Credential> credentials, select(where, " ORDER BY id"));
    std::unordered_map<std::string, model::Credential*> by_id;
    for (model::Credential& credential : credentials) {
        by_id.emplace(credential.id.str(), &credential);
    }
    std::set<std::string> broken;
    // One query for all pairs: a service may have very many credentials.
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT " + std::string(kPairColumns) +
                      " FROM key_pairs JOIN credentials ON id = credential_id" + where.text(),
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

Result<model::CredentialId> Credentials::find_by_name(const model::CredentialOwner& owner,
                                                      const std::string& name) {
    Where where;
    add_owner(where, owner);
    where.add("name = ", name);
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT id FROM credentials" + where.text(), where.values()));
    return rows.empty() ? model::CredentialId() : model::CredentialId(rows.front().text(0));
}

Result<bool> Credentials::key_exists(model::KeyPairType type, const std::string& key) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT 1 FROM key_pairs WHERE type = $1 AND access_key = $2",
                                   {std::string(name(type)), key}));
    return row.has_value();
}

}  // namespace lintel::store
