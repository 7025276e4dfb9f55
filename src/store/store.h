// Where everything is kept: a directory with one database. Transactions give one repository per
// noun.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/seal.h"
#include "sql/database.h"
#include "store/accounts.h"
#include "store/audit.h"
#include "store/certificates.h"
#include "store/credentials.h"
#include "store/deployments.h"
#include "store/domains.h"
#include "store/idempotency.h"
#include "store/members.h"
#include "store/places.h"
#include "store/releases.h"
#include "store/services.h"
#include "store/upstreams.h"

namespace lintel::store {

/// Role: one transaction over all repositories; rolls back unless committed. Movable; used by one
/// thread; must not outlive its Store. The repositories it gives are light and refer to it.
class Transaction {
public:
    Transaction(sql::Transaction tx, const crypto::Sealer& sealer)
        : tx_(std::move(tx)), sealer_(&sealer) {}

    Services services() { return Services(tx_); }
    Drafts drafts() { return Drafts(tx_); }
    Releases releases() { return Releases(tx_); }
    Deployments deployments() { return Deployments(tx_); }
    ReleaseRecords release_records() { return ReleaseRecords(tx_); }
    Credentials credentials() { return {tx_, *sealer_}; }
    Grants grants() { return Grants(tx_); }
    Certificates certificates() { return {tx_, *sealer_}; }
    Domains domains() { return Domains(tx_); }
    Users users() { return Users(tx_); }
    Tokens tokens() { return Tokens(tx_); }
    Audit audit() { return Audit(tx_); }
    Gateways gateways() { return Gateways(tx_); }
    Projects projects() { return Projects(tx_); }
    Members members() { return Members(tx_); }
    Environments environments() { return Environments(tx_); }
    Groups groups() { return Groups(tx_); }
    Upstreams upstreams() { return Upstreams(tx_); }
    IdempotencyKeys idempotency() { return {tx_, *sealer_}; }

    /// When this returns, the changes are on the disk.
    Status commit() { return tx_.commit(); }

private:
    sql::Transaction tx_;
    const crypto::Sealer* sealer_;
};

/// Role: the open store. Owned by the app; any thread may begin transactions.
class Store {
public:
    /// Whether a store lies in the directory already. If so, its master key must exist too.
    static bool exists(const std::filesystem::path& directory);

    /// Makes the directory and the database when they are missing, brings the schema up to date,
    /// and refuses a store that was sealed with another master key. StartFailed with a sentence.
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory,
                                               const crypto::MasterKey& key, const Clock& clock);

    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Whether the schema is still the one this program knows: another process may have had the
    /// store meanwhile. StartFailed when it is a newer one.
    Status verify_schema(const Clock& clock);
    /// A transaction that writes; one at a time.
    Result<Transaction> begin();
    /// A transaction that reads one consistent state; several at a time, beside a writing one.
    Result<Transaction> read();

private:
    Store(sql::Database database, const crypto::MasterKey& key)
        : database_(std::move(database)), sealer_(key, crypto::Purpose::Store) {}

    sql::Database database_;
    crypto::Sealer sealer_;
};

}  // namespace lintel::store
