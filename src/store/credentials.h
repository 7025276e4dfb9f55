// Credentials with their key pairs. Secrets are sealed before they reach SQL; the sealing is bound
// to table, row, column and key version, so that two sealed secrets cannot be swapped.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "crypto/seal.h"
#include "model/credential.h"
#include "sql/database.h"
#include "store/changes.h"
#include "store/paging.h"

namespace lintel::store {

enum class Secrets { Sealed, Unsealed };

/// Which ones; an owner that is neither service nor user means the credentials of all users.
struct CredentialQuery {
    model::CredentialOwner owner = {};
    std::string text = {};  ///< part of name, description or a key, in any case
};

/// The condition that a row of credentials is the owner's; without an owner: that of any user.
void add_owner(Where& where, const model::CredentialOwner& owner);

/// NotFound; also what somebody hears who may not know that there is one.
Error no_such_credential(const model::CredentialOwner& owner, const model::CredentialId& id);

class Credentials {
public:
    Credentials(sql::Transaction& tx, const crypto::Sealer& sealer, ChangeNotes& changes)
        : tx_(tx), sealer_(sealer), changes_(changes) {}

    Status add(const model::Credential& credential);
    /// Writes everything but ids, keys and secrets.
    Status save(const model::Credential& credential);
    /// The secret so far becomes the previous one until then; 0: it is forgotten. Goes with a
    /// save().
    Status replace_secret(const model::CredentialId& id, model::KeyPairType type,
                          const Secret& secret, TimeMs previous_until);
    /// Goes with a save().
    Status forget_previous(const model::CredentialId& id, model::KeyPairType type);
    /// NotFound. Sealed: the pairs come without their secrets.
    Result<model::Credential> get(const model::CredentialOwner& owner,
                                  const model::CredentialId& id, Secrets secrets);
    Status remove(const model::CredentialId& id);
    /// Newest first, without secrets.
    Result<std::vector<model::Credential>> list(const CredentialQuery& query, const IdPage& page);
    Result<std::int64_t> count(const model::CredentialOwner& owner);
    /// Gives those of an owner, or all there are, unsealed; what cannot be opened is left out and
    /// logged.
    Status each_unsealed(const std::optional<model::CredentialOwner>& owner,
                         const std::function<void(model::Credential)>& visit);
    Result<bool> key_exists(model::KeyPairType type, const std::string& key);
    /// The credential of the owner that has this name; empty: none.
    Result<model::CredentialId> find_by_name(const model::CredentialOwner& owner,
                                             const std::string& name);

private:
    Status add_pair(const model::CredentialId& id, model::KeyPairType type,
                    const model::KeyPair& pair);
    class OptionsReader;
    Result<model::Credential> to_credential(const sql::Row& row, OptionsReader& options,
                                            Secrets secrets) const;
    Result<model::KeyPair> to_pair(const sql::Row& row, const model::CredentialId& id,
                                   model::KeyPairType type, Secrets secrets) const;
    std::string seal(const Secret& secret, const std::string& context) const;
    Result<Secret> open(const std::string& sealed, const std::string& context) const;

    sql::Transaction& tx_;
    const crypto::Sealer& sealer_;
    ChangeNotes& changes_;
};

}  // namespace lintel::store
