#include "store/credentials.h"

#include <fmt/format.h>

#include <array>

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
/// What to_credential() reads: the columns of the credential, then those of its three pairs.
constexpr std::string_view kColumns =
    "id, service_id, name, description, status, generation, hmac_options, version, created_at,"
    " created_by, updated_at, attributes, user_id, gateway_id";
constexpr std::array<std::string_view, 5> kPairColumns{
    "access_key", "sealed_secret", "sealed_previous", "previous_until", "last_used_at"};
constexpr std::size_t kFirstPair = 14;

/// What most rows have where a document may stand.
constexpr std::string_view kNothing = "{}";

/// One row per credential.
std::string selection() {
    std::string columns(kColumns);
    std::string joins;
    for (const model::KeyPairType type : model::kKeyPairTypes) {
        const std::string_view pair = name(type);
        for (const std::string_view column : kPairColumns) {
            columns += fmt::format(", {}.{}", pair, column);
        }
        joins += fmt::format(
            " LEFT JOIN key_pairs {0} ON {0}.credential_id = id AND {0}.type = '{0}'", pair);
    }
    return "SELECT " + columns + " FROM credentials" + joins;
}

std::string context_of(const model::CredentialId& id, model::KeyPairType type,
                       std::string_view column) {
    std::string context("key_pairs|");
    context.append(id.str()).append("/").append(name(type)).append("|").append(column);
    return context += "|1";
}

/// The column of the owner that the credential does not have is null.
sql::Value or_null(const std::string& id) {
    return id.empty() ? sql::Value() : sql::Value(id);
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

/// Reads the options of a result's rows. Nearly all rows have the same text as the one before.
class Credentials::OptionsReader {
public:
    Result<model::HmacOptions> read(const sql::Row& row) {
        const std::string& text = row.text(6);
        if (text == text_) { return options_; }
        ASSIGN_OR_RETURN(const data::Json document,
                         read_document(text, "options of " + row.text(0)));
        ASSIGN_OR_RETURN(options_, model::hmac_options_from_json(document, ""));
        text_ = text;
        return options_;
    }

private:
    std::string text_;
    model::HmacOptions options_;
};

Result<model::Credential> Credentials::to_credential(const sql::Row& row, OptionsReader& options,
                                                     Secrets secrets) const {
    model::Credential credential;
    ASSIGN_OR_RETURN(credential.hmac_options, options.read(row));
    if (row.text(11) != kNothing) {
        ASSIGN_OR_RETURN(const data::Json attributes,
                         read_document(row.text(11), "attributes of " + row.text(0)));
        credential.attributes = model::attributes_from_json(attributes);
    }
    credential.id = model::CredentialId(row.text(0));
    if (!row.is_null(1)) { credential.owner.service_id = model::ServiceId(row.text(1)); }
    credential.name = row.text(2);
    credential.description = row.text(3);
    credential.status =
        model::parse_credential_status(row.text(4)).value_or(model::CredentialStatus::Disabled);
    credential.generation = row.integer(5);
    credential.version = row.integer(7);
    credential.created_at = row.integer(8);
    credential.created_by = row.text(9);
    credential.updated_at = row.integer(10);
    if (!row.is_null(12)) {
        credential.owner.user_id = model::UserId(row.text(12));
        credential.owner.gateway_id = model::GatewayId(row.text(13));
    }
    for (const model::KeyPairType type : model::kKeyPairTypes) {
        ASSIGN_OR_RETURN(credential.pair(type), to_pair(row, credential.id, type, secrets));
    }
    return credential;
}

Result<model::KeyPair> Credentials::to_pair(const sql::Row& row, const model::CredentialId& id,
                                            model::KeyPairType type, Secrets secrets) const {
    const std::size_t at = kFirstPair + static_cast<std::size_t>(type) * kPairColumns.size();
    if (row.is_null(at)) {
        // A damaged store: its owner may still see it and remove it.
        if (secrets == Secrets::Sealed) { return model::KeyPair{}; }
        return fail(Code::Internal, "A credential lacks a key pair.",
                    fmt::format("{} has no row of type {}", id.str(), name(type)));
    }
    model::KeyPair pair{.key = row.text(at),
                        .previous_until = row.integer(at + 3),
                        .last_used_at = row.integer(at + 4)};
    if (secrets == Secrets::Sealed) { return pair; }
    ASSIGN_OR_RETURN(pair.secret, open(row.text(at + 1), context_of(id, type, kSecret)));
    if (pair.previous_until == 0) { return pair; }
    ASSIGN_OR_RETURN(pair.previous, open(row.text(at + 2), context_of(id, type, kPrevious)));
    return pair;
}

Result<model::Credential> Credentials::get(const model::CredentialOwner& owner,
                                           const model::CredentialId& id, Secrets secrets) {
    Where where;
    add_owner(where, owner);
    where.add("id = ", id.str());
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query(selection() + where.text(), where.values()));
    if (rows.empty()) { return fail(no_such_credential(owner, id)); }
    OptionsReader options;
    return to_credential(rows.front(), options, secrets);
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
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query(selection() + where.text() + " ORDER BY id DESC", where.values()));
    OptionsReader options;
    return mapped_or_error(
        rows, [&](const sql::Row& row) { return to_credential(row, options, Secrets::Sealed); });
}

Result<std::int64_t> Credentials::count(const model::CredentialOwner& owner) {
    Where where;
    add_owner(where, owner);
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT COUNT(*) FROM credentials" + where.text(), where.values()));
    return rows.front().integer(0);
}

Status Credentials::each_unsealed(const std::optional<model::CredentialOwner>& owner,
                                  const std::function<void(model::Credential)>& visit) {
    Where where;
    if (owner) { add_owner(where, *owner); }
    OptionsReader options;
    return tx_.each(selection() + where.text(), where.values(), [&](sql::Row& row) -> Status {
        Result<model::Credential> credential = to_credential(row, options, Secrets::Unsealed);
        if (credential) {
            visit(*std::move(credential));
        } else {
            // One damaged row must not lock out all other callers.
            log::error("credential cannot be read",
                       {{"credential", row.text(0)}, {"cause", credential.error().cause}});
        }
        return {};
    });
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
