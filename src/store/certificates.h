// Certificates in the store. Private keys are sealed before they reach SQL, bound to their row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "crypto/seal.h"
#include "model/certificate.h"
#include "sql/database.h"
#include "store/changes.h"
#include "store/credentials.h"
#include "store/paging.h"

namespace lintel::store {

class Certificates {
public:
    Certificates(sql::Transaction& tx, const crypto::Sealer& sealer, ChangeNotes& changes)
        : tx_(tx), sealer_(sealer), changes_(changes) {}

    Status add(const model::Certificate& certificate);
    /// Writes everything but id, gateway and name.
    Status save(const model::Certificate& certificate);
    /// By id or name, in the gateway; NotFound. Sealed: without the key.
    Result<model::Certificate> get(const model::GatewayId& gateway, const std::string& id_or_name,
                                   Secrets secrets);
    /// In any gateway.
    Result<model::Certificate> get(const model::CertificateId& id, Secrets secrets);
    Result<bool> name_exists(const model::GatewayId& gateway, const std::string& name);
    Status remove(const model::CertificateId& id);
    /// Newest first, without keys.
    Result<std::vector<model::Certificate>> list(const model::GatewayId& gateway,
                                                 const IdPage& page);
    /// Whether any gateway has one.
    Result<bool> any();
    /// All of them with their keys; one whose key cannot be opened is left out and logged.
    Result<std::vector<model::Certificate>> unsealed();

private:
    Result<std::vector<sql::Row>> select(const Where& where, const std::string& tail);
    Result<model::Certificate> first_of(const std::vector<sql::Row>& rows,
                                        const std::string& wanted, Secrets secrets) const;
    Status unseal(const sql::Row& row, model::Certificate& certificate) const;
    std::string sealed_key_of(const model::Certificate& certificate) const;

    sql::Transaction& tx_;
    const crypto::Sealer& sealer_;
    ChangeNotes& changes_;
};

}  // namespace lintel::store
