#include "compiler/compile_domains.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "crypto/hash.h"

namespace lintel::compiler {

namespace {

using gateway::OwnCertificate;
using Shown = std::vector<std::shared_ptr<const OwnCertificate>>;

std::vector<gateway::DomainMapping> mappings_of(const management::PublishedDomain& from) {
    std::vector<gateway::DomainMapping> mappings;
    for (std::size_t i = 0; i < from.targets.size(); ++i) {
        mappings.push_back({.prefix = from.domain.mappings[i].prefix,
                            .service = from.targets[i].service,
                            .environment = from.targets[i].environment});
    }
    std::ranges::sort(mappings, std::greater(),
                      [](const gateway::DomainMapping& mapping) { return mapping.prefix.size(); });
    return mappings;
}

Shown shown_by(const model::Domain& domain, const CertificateTable& certificates) {
    Shown shown;
    for (const model::CertificateId& id : domain.certificates) {
        if (auto certificate = certificates.find(id.str())) {
            shown.push_back(std::move(certificate));
        }
    }
    return shown;
}

/// Those who sign the certificates of clients, of all certificates together; empty when the domain
/// asks clients for none.
std::vector<std::string> authorities_of(const model::Domain& domain, const Shown& shown) {
    std::vector<std::string> all;
    if (!domain.client_certificates) { return all; }
    for (const auto& certificate : shown) {
        all.insert(all.end(), certificate->authorities.begin(), certificate->authorities.end());
    }
    return all;
}

/// What a handshake for the domain makes sure of, as 32 bytes: its own name, the version, and who
/// vouches for clients. A renewed certificate changes nothing in it.
std::string rules_of(const model::Domain& domain, const std::vector<std::string>& authorities) {
    std::string all = fmt::format("{} {}", domain.id.str(), name(domain.min_tls_version));
    for (const std::string& authority : authorities) {
        all += crypto::sha256(authority);
    }
    return crypto::sha256(all);
}

/// Domains with equal keys can share an identity.
std::string key_of(const model::Domain& domain, const Shown& shown) {
    std::string key = fmt::format("{} {}", name(domain.min_tls_version),
                                  domain.client_certificates ? "clients" : "");
    for (const auto& certificate : shown) {
        key += fmt::format(" {}@{}", certificate->id, certificate->version);
    }
    return key;
}

std::shared_ptr<const async::TlsIdentity> build_identity(const model::Domain& domain,
                                                         const Shown& shown) {
    std::vector<async::TlsCertificate> certificates;
    for (const auto& one : shown) {
        certificates.push_back({.chain = one->material.chain, .key = one->material.key.reveal()});
    }
    const std::vector<std::string> authorities = authorities_of(domain, shown);
    auto built = async::TlsIdentity::build(
        {.certificates = certificates,
         .at_least_tls13 = domain.min_tls_version == model::TlsVersion::Tls13,
         .client_authorities = authorities});
    if (built) { return *std::move(built); }
    log::error("a domain cannot be served with its certificates",
               {{"domain", domain.name}, {"error", built.error().message}});
    return nullptr;
}

}  // namespace

std::shared_ptr<const OwnCertificate> compile_certificate(const model::Certificate& certificate) {
    auto read = crypto::read_certificate(certificate.chain_pem, certificate.key_pem.reveal());
    Result<std::vector<std::string>> authorities =
        certificate.authorities_pem.empty()
            ? std::vector<std::string>()
            : crypto::read_authorities(certificate.authorities_pem, "/authorities");
    if (!read || !authorities) {
        const Error& error = read ? authorities.error() : read.error();
        log::error("a certificate cannot be used",
                   {{"certificate", certificate.name}, {"error", error.message}});
        return nullptr;
    }
    return std::make_shared<const OwnCertificate>(
        OwnCertificate{.id = certificate.id.str(),
                       .name = certificate.name,
                       .gateway_id = certificate.gateway_id.str(),
                       .version = certificate.version,
                       .fingerprint = certificate.facts.fingerprint,
                       .material = *std::move(read),
                       .authorities = *std::move(authorities)});
}

CertificateTable::CertificateTable(const std::vector<Entry>& certificates) {
    std::ranges::for_each(certificates, [this](const Entry& one) { take(one); });
}

void CertificateTable::take(const Entry& certificate) {
    by_id_[certificate->id] = certificate;
    by_name_[{certificate->gateway_id, certificate->name}] = certificate;
}

CertificateTable CertificateTable::with(const Entry& certificate) const {
    CertificateTable copy = *this;
    copy.take(certificate);
    return copy;
}

CertificateTable CertificateTable::without(const std::string& id) const {
    CertificateTable copy = *this;
    const auto found = copy.by_id_.find(id);
    if (found == copy.by_id_.end()) { return copy; }
    copy.by_name_.erase({found->second->gateway_id, found->second->name});
    copy.by_id_.erase(found);
    return copy;
}

CertificateTable::Entry CertificateTable::find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

CertificateTable::Entry CertificateTable::find(std::string_view gateway_id,
                                               std::string_view name_or_id) const {
    // A name could look like an id; the name wins, as everywhere.
    const auto named = by_name_.find({std::string(gateway_id), std::string(name_or_id)});
    if (named != by_name_.end()) { return named->second; }
    const Entry found = find(name_or_id);
    return found != nullptr && found->gateway_id == gateway_id ? found : nullptr;
}

std::shared_ptr<const gateway::DomainTable> DomainCompiler::compile(
    const std::vector<management::PublishedDomain>& domains, const CertificateTable& certificates) {
    Identities used;
    std::vector<std::shared_ptr<const gateway::Domain>> compiled;
    compiled.reserve(domains.size());
    for (const management::PublishedDomain& domain : domains) {
        compiled.push_back(compile_one(domain, certificates, used));
    }
    identities_ = std::move(used);
    return std::make_shared<const gateway::DomainTable>(std::move(compiled));
}

std::shared_ptr<const gateway::Domain> DomainCompiler::compile_one(
    const management::PublishedDomain& from, const CertificateTable& certificates,
    Identities& used) {
    const model::Domain& domain = from.domain;
    const Shown shown = shown_by(domain, certificates);
    Identity identity;
    if (!shown.empty()) {
        auto& slot = used[key_of(domain, shown)];
        if (slot == nullptr) {
            const auto before = identities_.find(key_of(domain, shown));
            slot = before != identities_.end() ? before->second : build_identity(domain, shown);
        }
        identity = slot;
    }
    return std::make_shared<const gateway::Domain>(
        gateway::Domain{.id = domain.id.str(),
                        .name = domain.name,
                        .mappings = mappings_of(from),
                        .identity = std::move(identity),
                        .tls_rules = rules_of(domain, authorities_of(domain, shown)),
                        .needs_own_handshake = domain.client_certificates ||
                                               domain.min_tls_version != model::TlsVersion::Tls12,
                        .needs_https = domain.client_certificates,
                        .redirect_to_https = domain.redirect_to_https,
                        .https_port = https_port_});
}

}  // namespace lintel::compiler
