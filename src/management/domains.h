// Custom domains. Every change takes effect at once, without a publish.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/domain.h"

namespace lintel::store {
class Transaction;
}

namespace lintel::management {

/// A mapping as people write it: the service by code or id, the environment by code.
struct MappingText {
    std::string prefix = {};
    std::string service = {};
    std::string environment = {};
};

struct DomainEdit {
    std::optional<std::vector<MappingText>> mappings = {};
    std::optional<std::vector<std::string>> certificates = {};  ///< names or ids
    std::optional<model::TlsVersion> min_tls_version = {};
    std::optional<bool> redirect_to_https = {};
    std::optional<bool> client_certificates = {};
};

/// A domain with the names of what it refers to.
struct DomainView {
    model::Domain domain;
    std::vector<MappingText> mappings;      ///< by code
    std::vector<std::string> certificates;  ///< by name
};
data::Json to_json(const DomainView& view);

/// NameTaken when the name is a domain already; FieldInvalid lists everything else that is wrong.
Result<Written<DomainView>> create_domain(Management& m, const Caller& caller,
                                          const std::string& name, const DomainEdit& settings);
Result<Page<DomainView>> list_domains(Management& m, const Caller& caller, const PageRequest& page);
/// `domain` is an id or a name, here and below.
Result<DomainView> show_domain(Management& m, const Caller& caller, const std::string& domain);
/// Lists that are given replace those there were.
Result<Written<DomainView>> edit_domain(Management& m, const Caller& caller,
                                        const std::string& domain, const DomainEdit& edit,
                                        ExpectedVersion expected);
Result<Written<DomainView>> delete_domain(Management& m, const Caller& caller,
                                          const std::string& domain, ExpectedVersion expected);

/// StateConflict while a domain leads to the service, or to the environment.
Status require_unmapped(store::Transaction& tx, const model::ServiceId& service);
Status require_unmapped(store::Transaction& tx, const model::EnvironmentId& environment);

}  // namespace lintel::management
