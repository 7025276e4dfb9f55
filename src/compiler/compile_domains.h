// From stored domains and certificates to what the data plane answers and shakes hands with.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/certificate.h"
#include "gateway/domain.h"
#include "management/published.h"

namespace lintel::compiler {

/// A certificate ready for use; null, with a line in the log, when it cannot be read any more.
std::shared_ptr<const gateway::OwnCertificate> compile_certificate(
    const model::Certificate& certificate);

/// The certificates of the gateway by id and by name. Immutable.
class CertificateTable final : public gateway::Certificates {
public:
    using Entry = std::shared_ptr<const gateway::OwnCertificate>;

    CertificateTable() = default;
    explicit CertificateTable(const std::vector<Entry>& certificates);
    /// A copy with one more, or with another one under the same id.
    CertificateTable with(const Entry& certificate) const;
    CertificateTable without(const std::string& id) const;

    std::shared_ptr<const gateway::OwnCertificate> find(std::string_view name_or_id) const override;

private:
    void take(const Entry& certificate);

    std::map<std::string, Entry, std::less<>> by_id_;
    std::map<std::string, Entry, std::less<>> by_name_;
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
