// Custom domains as the data plane sees them: which service answers below which path, and how TLS
// is spoken under the name. Part of the snapshot: immutable, shared by all workers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "async/tls.h"

namespace lintel::gateway {

/// "/" or a prefix of whole segments, and the service that answers there.
struct DomainMapping {
    std::string prefix;
    std::string service;      ///< code
    std::string environment;  ///< code
};

struct Domain {
    std::string id;
    std::string name;                     ///< canonical: "api.example.com" or "*.example.com"
    std::vector<DomainMapping> mappings;  ///< longest prefix first
    /// What TLS clients are shown; null: the listener's own certificate.
    std::shared_ptr<const async::TlsIdentity> identity = nullptr;
    /// Stands for what a handshake under this name makes sure of (Peer::tls_rules); changes when
    /// that does.
    std::string tls_rules = {};
    /// A handshake under another name makes sure of less: requests need one of their own.
    bool needs_own_handshake = false;
    bool needs_https = false;  ///< plain calls are refused: clients must show a certificate
    bool redirect_to_https = false;
    std::string https_port = {};  ///< where to: "" or ":8443"

    /// The mapping a canonical path belongs to; null: none.
    const DomainMapping* mapping_of(std::string_view path) const;
};

/// Every domain by its name.
class DomainTable {
public:
    DomainTable() = default;
    explicit DomainTable(std::vector<std::shared_ptr<const Domain>> domains);

    /// The domain of a canonical host: an exact name before a wildcard, a longer wildcard before a
    /// shorter one. A wildcard stands for names of any depth below it, not for its parent. Null:
    /// none.
    const Domain* find(std::string_view host) const;
    std::size_t size() const { return all_.size(); }

private:
    using Index = std::unordered_map<std::string_view, const Domain*>;

    std::vector<std::shared_ptr<const Domain>> all_;
    Index exact_;
    Index wildcards_;  ///< by what follows "*."
};

}  // namespace lintel::gateway
