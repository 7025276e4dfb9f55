#include "store/store.h"

#include <system_error>

#include "base/text.h"
#include "crypto/hash.h"
#include "embedded/file_0001_core_sql.h"
#include "embedded/file_0002_domains_sql.h"
#include "embedded/file_0003_upstreams_sql.h"
#include "embedded/file_0004_people_sql.h"
#include "embedded/file_0005_changes_sql.h"
#include "embedded/file_0006_catalog_sql.h"
#include "embedded/file_0007_labels_sql.h"
#include "embedded/file_0008_audit_access_policies_sql.h"
#include "embedded/file_0009_gateways_sql.h"
#include "embedded/file_0010_events_sql.h"
#include "embedded/file_0011_credential_use_sql.h"
#include "embedded/file_0012_lists_sql.h"
#include "sql/migrations.h"

namespace lintel::store {

namespace {

constexpr std::string_view kFileName = "lintel.db";

/// Every schema change, in order: number N is the file N of migrations/.
std::vector<sql::Migration> schema_changes() {
    const std::vector<std::pair<std::string_view, std::string_view>> files = {
        {"0001_core.sql", embedded::file_0001_core_sql},
        {"0002_domains.sql", embedded::file_0002_domains_sql},
        {"0003_upstreams.sql", embedded::file_0003_upstreams_sql},
        {"0004_people.sql", embedded::file_0004_people_sql},
        {"0005_changes.sql", embedded::file_0005_changes_sql},
        {"0006_catalog.sql", embedded::file_0006_catalog_sql},
        {"0007_labels.sql", embedded::file_0007_labels_sql},
        {"0008_audit_access_policies.sql", embedded::file_0008_audit_access_policies_sql},
        {"0009_gateways.sql", embedded::file_0009_gateways_sql},
        {"0010_events.sql", embedded::file_0010_events_sql},
        {"0011_credential_use.sql", embedded::file_0011_credential_use_sql},
        {"0012_lists.sql", embedded::file_0012_lists_sql},
    };
    std::vector<sql::Migration> migrations;
    for (const auto& [name, text] : files) {
        migrations.push_back({.number = static_cast<std::int64_t>(migrations.size() + 1),
                              .name = name,
                              .text = text,
                              .checksum = to_hex(crypto::sha256(text))});
    }
    return migrations;
}

Status bring_up_to_date(sql::Database& database, const Clock& clock) {
    return sql::migrate(database, schema_changes(), clock);
}

/// A store remembers a text sealed with its master key, so that a wrong key is noticed at once.
Status check_master_key(sql::Transaction& tx, const crypto::MasterKey& key) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx.query_one("SELECT value FROM meta WHERE name = 'master_key_check'"));
    if (row) {
        const std::optional<std::string> value = from_base64(row->text(0));
        return key.verify(value.value_or(""));
    }
    RETURN_IF_ERROR(tx.execute("INSERT INTO meta (name, value) VALUES ('master_key_check', $1)",
                               {to_base64(key.check_value())}));
    return {};
}

/// What a fresh install has.
Status add_default_gateway(Transaction& tx, TimeMs now) {
    ASSIGN_OR_RETURN(const std::optional<model::Gateway> gateway,
                     tx.gateways().find_by_code(std::string(model::kDefaultGateway)));
    if (gateway) { return {}; }
    return add_gateway(tx, {.id = model::GatewayId(make_id("gw")),
                            .code = std::string(model::kDefaultGateway),
                            .name = "Default",
                            .created_at = now});
}

Result<sql::Database> open_database(const Place& place) {
    if (place.server) { return sql::Database::open(*place.server); }
    std::error_code error;
    std::filesystem::create_directories(place.directory, error);
    if (error) {
        return fail(Code::StartFailed, "The data directory " + place.directory.string() +
                                           " cannot be made: " + error.message() +
                                           ". Make it, or choose another with --data.");
    }
    return sql::Database::open(place.directory / kFileName);
}

}  // namespace

Status add_gateway(Transaction& tx, const model::Gateway& gateway) {
    const model::Project project{.id = model::ProjectId(make_id("prj")),
                                 .gateway_id = gateway.id,
                                 .name = "Default",
                                 .is_default = true,
                                 .created_at = gateway.created_at};
    RETURN_IF_ERROR(tx.gateways().add(gateway));
    RETURN_IF_ERROR(tx.projects().add(project));
    RETURN_IF_ERROR(tx.groups().add({.id = model::GroupId(make_id("grp")),
                                     .project_id = project.id,
                                     .name = std::string(model::kDefaultGroup),
                                     .created_at = gateway.created_at}));
    const std::pair<const char*, const char*> environments[] = {
        {"test", "Test"}, {"prepub", "Pre-release"}, {"release", "Release"}};
    for (const auto& [code, name] : environments) {
        RETURN_IF_ERROR(tx.environments().add({.id = model::EnvironmentId(make_id("env")),
                                               .gateway_id = gateway.id,
                                               .code = code,
                                               .name = name,
                                               .status = model::EnvironmentStatus::Running,
                                               .version = 1,
                                               .created_at = gateway.created_at}));
    }
    return {};
}

Status Transaction::commit() {
    if (!changes_.all().empty()) {
        RETURN_IF_ERROR(changes().add(changes_.all()));
        RETURN_IF_ERROR(tx_.notify());
    }
    return tx_.commit();
}

Result<bool> Store::exists(const Place& place, const Clock& clock) {
    if (!place.server) {
        std::error_code ignored;
        return std::filesystem::exists(place.directory / kFileName, ignored);
    }
    ASSIGN_OR_RETURN(sql::Database database, open_database(place));
    RETURN_IF_ERROR(bring_up_to_date(database, clock));
    ASSIGN_OR_RETURN(sql::Transaction tx, database.begin(sql::Access::Read));
    ASSIGN_OR_RETURN(const std::optional<sql::Row> sealed,
                     tx.query_one("SELECT 1 FROM meta WHERE name = 'master_key_check'"));
    return sealed.has_value();
}

Result<std::unique_ptr<Store>> Store::open(const Place& place, const crypto::MasterKey& key,
                                           const Clock& clock) {
    ASSIGN_OR_RETURN(sql::Database database, open_database(place));
    RETURN_IF_ERROR(bring_up_to_date(database, clock));
    std::unique_ptr<Store> store(new Store(std::move(database), key));
    {
        ASSIGN_OR_RETURN(sql::Transaction tx, store->database_.begin(sql::Access::Write));
        RETURN_IF_ERROR(check_master_key(tx, key));
        Transaction all(std::move(tx), store->sealer_);
        RETURN_IF_ERROR(add_default_gateway(all, clock.now_ms()));
        RETURN_IF_ERROR(all.commit());
    }
    return store;
}

Result<std::vector<sql::CopiedTable>> Store::copy_file(const std::filesystem::path& directory,
                                                       const sql::Server& server,
                                                       const Clock& clock) {
    const Place place{.directory = directory};
    ASSIGN_OR_RETURN(const bool is_there, exists(place, clock));
    if (!is_there) {
        return fail(Code::StartFailed, "There is no store in '" + directory.string() +
                                           "'; name its data directory with --data.");
    }
    const std::vector<sql::Migration> schema = schema_changes();
    ASSIGN_OR_RETURN(sql::Database file, open_database(place));
    ASSIGN_OR_RETURN(sql::Transaction from, file.begin(sql::Access::Read));
    ASSIGN_OR_RETURN(const std::size_t known, sql::applied(from, schema));
    if (known < schema.size()) {
        return fail(Code::StartFailed,
                    "The store in '" + directory.string() +
                        "' has the schema of an earlier version of Lintel; start 'lintel serve' "
                        "of this version on it once, which brings it up to date.");
    }
    ASSIGN_OR_RETURN(sql::Database database, sql::Database::open(server));
    ASSIGN_OR_RETURN(sql::Transaction to, database.begin(sql::Access::Write));
    ASSIGN_OR_RETURN(const std::size_t before, sql::migrate(to, schema, clock));
    if (before > 0) {
        return fail(Code::StartFailed,
                    "The database " + sql::shown_url(server.url.reveal()) +
                        " holds a store already; nothing was changed. Name an empty one.");
    }
    ASSIGN_OR_RETURN(std::vector<sql::CopiedTable> copied, sql::copy_file(from, to));
    RETURN_IF_ERROR(to.commit());
    return copied;
}

Status Store::verify_schema(const Clock& clock) {
    return bring_up_to_date(database_, clock);
}

Result<Transaction> Store::begin() {
    ASSIGN_OR_RETURN(sql::Transaction tx, database_.begin(sql::Access::Write));
    return Transaction(std::move(tx), sealer_);
}

Result<Transaction> Store::read() {
    ASSIGN_OR_RETURN(sql::Transaction tx, database_.begin(sql::Access::Read));
    return Transaction(std::move(tx), sealer_);
}

}  // namespace lintel::store
