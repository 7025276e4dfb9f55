// Where everything is kept: one database, in a directory or on a server. Transactions give one
// repository per noun.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/seal.h"
#include "sql/copy.h"
#include "sql/database.h"
#include "store/access_policies.h"
#include "store/accounts.h"
#include "store/applications.h"
#include "store/audit.h"
#include "store/certificates.h"
#include "store/changes.h"
#include "store/credentials.h"
#include "store/deliveries.h"
#include "store/deployments.h"
#include "store/domains.h"
#include "store/grants.h"
#include "store/idempotency.h"
#include "store/listings.h"
#include "store/members.h"
#include "store/places.h"
#include "store/releases.h"
#include "store/services.h"
#include "store/subscriptions.h"
#include "store/upstreams.h"
#include "store/usage.h"
#include "store/webhooks.h"

namespace lintel::store {

struct Place {
    std::filesystem::path directory = {};
    std::optional<sql::Server> server = {};  ///< none: the database is a file in the directory
};

/// Role: one transaction over all repositories; rolls back unless committed. Movable; used by one
/// thread; must not outlive its Store. The repositories it gives are light and refer to it.
class Transaction {
public:
    Transaction(sql::Transaction tx, const crypto::Sealer& sealer)
        : tx_(std::move(tx)), sealer_(&sealer) {}

    Services services() { return {tx_, changes_}; }
    Drafts drafts() { return Drafts(tx_); }
    Releases releases() { return Releases(tx_); }
    Deployments deployments() { return {tx_, changes_}; }
    ReleaseRecords release_records() { return ReleaseRecords(tx_); }
    Credentials credentials() { return {tx_, *sealer_, changes_}; }
    Grants grants() { return {tx_, changes_}; }
    Listings listings() { return Listings(tx_); }
    Applications applications() { return Applications(tx_); }
    Subscriptions subscriptions() { return Subscriptions(tx_); }
    Certificates certificates() { return {tx_, *sealer_, changes_}; }
    Domains domains() { return {tx_, changes_}; }
    Users users() { return {tx_, changes_}; }
    Tokens tokens() { return Tokens(tx_); }
    AccessPolicies access_policies() { return AccessPolicies(tx_); }
    Audit audit() { return Audit(tx_); }
    Gateways gateways() { return Gateways(tx_); }
    Projects projects() { return Projects(tx_); }
    Members members() { return Members(tx_); }
    Environments environments() { return {tx_, changes_}; }
    Groups groups() { return Groups(tx_); }
    Upstreams upstreams() { return {tx_, changes_}; }
    Webhooks webhooks() { return {tx_, *sealer_}; }
    Deliveries deliveries() { return Deliveries(tx_); }
    Usage usage() { return Usage(tx_); }
    IdempotencyKeys idempotency() { return {tx_, *sealer_}; }
    Changes changes() { return Changes(tx_); }

    /// When this returns, the changes are on the disk, and other processes on the store are told.
    Status commit();

private:
    sql::Transaction tx_;
    ChangeNotes changes_;
    const crypto::Sealer* sealer_;
};

/// With what a fresh one has: a default project with a group, and three environments.
Status add_gateway(Transaction& tx, const model::Gateway& gateway);

/// Role: the open store. Owned by the app; any thread may begin transactions.
class Store {
public:
    /// Whether a store is there already. If so, its master key must exist too.
    static Result<bool> exists(const Place& place, const Clock& clock);

    /// Makes the directory and its database when they are missing, brings the schema up to date,
    /// and refuses a store that was sealed with another master key. StartFailed with a sentence.
    static Result<std::unique_ptr<Store>> open(const Place& place, const crypto::MasterKey& key,
                                               const Clock& clock);

    /// Takes what the file in a directory holds over into an empty database on a server, all of it
    /// or nothing. Nobody else may use the file meanwhile. Secrets stay sealed with the key they
    /// are sealed with. StartFailed with a sentence.
    static Result<std::vector<sql::CopiedTable>> copy_file(const std::filesystem::path& directory,
                                                           const sql::Server& server,
                                                           const Clock& clock);

    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Whether the schema is still the one this program knows: another process may have had the
    /// store meanwhile. StartFailed when it is a newer one.
    Status verify_schema(const Clock& clock);
    /// A transaction that writes; one at a time.
    Result<Transaction> begin();
    /// A transaction that reads one consistent state; several at a time, beside a writing one.
    Result<Transaction> read();
    /// Hears of the commits of other processes; null when there can be none.
    std::unique_ptr<sql::Listener> listen() const { return database_.listen(); }
    /// Of the server, if the store is on one.
    std::optional<sql::ServerAddress> address() const { return database_.address(); }

private:
    Store(sql::Database database, const crypto::MasterKey& key)
        : database_(std::move(database)), sealer_(key, crypto::Purpose::Store) {}

    sql::Database database_;
    crypto::Sealer sealer_;
};

}  // namespace lintel::store
