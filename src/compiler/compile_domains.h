// From stored domains and certificates to what the data plane answers and shakes hands with.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/certificate.h"
#include "gateway/domain.h"
#include "management/published.h"

namespace lintel::compiler {

/// A certificate ready for use; null, with a line in the log, when it cannot be read any more.
std::shared_ptr<const gateway::OwnCertificate> compile_certificate(
    const model::Certificate& certificate);

/// The certificates of all gateways by id, and by name in each. Immutable.
class CertificateTable {
public:
    using Entry = std::shared_ptr<const gateway::OwnCertificate>;

    CertificateTable() = default;
    explicit CertificateTable(const std::vector<Entry>& certificates);
    /// A copy with one more, or with another one under the same id.
    CertificateTable with(const Entry& certificate) const;
    CertificateTable without(const std::string& id) const;

    /// Null: there is none.
    Entry find(std::string_view id) const;
    Entry find(std::string_view gateway_id, std::string_view name_or_id) const;

private:
    void take(const Entry& certificate);

    std::map<std::string, Entry, std::less<>> by_id_;
    std::map<std::pair<std::string, std::string>, Entry> by_name_;  ///< of its gateway
};

/// Those of one gateway. Refers to the table.
class GatewayCertificates final : public gateway::Certificates {
public:
    GatewayCertificates(const CertificateTable& all, const model::GatewayId& gateway)
        : all_(all), gateway_id_(gateway.str()) {}

    std::shared_ptr<const gateway::OwnCertificate> find(
        std::string_view name_or_id) const override {
        return all_.find(gateway_id_, name_or_id);
    }

private:
    const CertificateTable& all_;
    std::string gateway_id_;
};

/// Role: makes tables of domains. Keeps the TLS identities of the last one: a change makes those
/// anew that it touches, and domains with the same certificates and rules share one. Not
/// thread-safe; owned by the publisher.
class DomainCompiler {
public:
    /// `https_port` is what stands behind the host in redirects: "" or ":8443".
    explicit DomainCompiler(std::string https_port) : https_port_(std::move(https_port)) {}

    std::shared_ptr<const gateway::DomainTable> compile(
        const std::vector<management::PublishedDomain>& domains,
        const CertificateTable& certificates);
    /// How many identities the last table uses.
    std::size_t identity_count() const { return identities_.size(); }

private:
    using Identity = std::shared_ptr<const async::TlsIdentity>;
    using Identities = std::map<std::string, Identity>;

    std::shared_ptr<const gateway::Domain> compile_one(const management::PublishedDomain& from,
                                                       const CertificateTable& certificates,
                                                       Identities& used);

    std::string https_port_;
    Identities identities_;
};

}  // namespace lintel::compiler
