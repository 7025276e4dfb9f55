// Custom domains in the store, with their path mappings and certificates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/domain.h"
#include "sql/database.h"
#include "store/changes.h"
#include "store/paging.h"

namespace lintel::store {

class Domains {
public:
    Domains(sql::Transaction& tx, ChangeNotes& changes) : tx_(tx), changes_(changes) {}

    Status add(const model::Domain& domain);
    /// Writes everything but id, gateway and name.
    Status save(const model::Domain& domain);
    /// By id or name, in the gateway; NotFound.
    Result<model::Domain> get(const model::GatewayId& gateway, const std::string& id_or_name);
    /// In any gateway: callers see one world of names.
    Result<bool> name_exists(const std::string& name);
    Status remove(const model::DomainId& id);
    /// Newest first.
    Result<std::vector<model::Domain>> list(const model::GatewayId& gateway, const IdPage& page);
    Result<std::vector<model::Domain>> all();
    /// Names of the domains that lead to a service or an environment, at most `limit`.
    Result<std::vector<std::string>> mapping_to(const model::ServiceId& service, int limit);
    Result<std::vector<std::string>> mapping_to(const model::EnvironmentId& environment, int limit);
    /// All that show the certificate.
    Result<std::vector<model::Domain>> showing(const model::CertificateId& certificate);

private:
    Result<std::vector<model::Domain>> select(const Where& where, const std::string& tail);
    Status add_parts(const model::Domain& domain);
    Status load_parts(std::vector<model::Domain>& domains);
    Result<std::vector<std::string>> names_where(std::string_view column, const std::string& id,
                                                 int limit);

    sql::Transaction& tx_;
    ChangeNotes& changes_;
};

}  // namespace lintel::store
