#include "management/domain_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace lintel::management {

namespace {

void check_each(const model::Domain& domain, const std::vector<model::Certificate>& certificates,
                std::vector<Fault>& faults) {
    std::map<crypto::KeyAlgorithm, std::string> shown;
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        const crypto::CertificateFacts& facts = certificates[i].facts;
        const std::string pointer = data::child_pointer("/certificates", i);
        if (!crypto::covers(facts.names, domain.name)) {
            faults.push_back({pointer, "certificate.name_mismatch",
                              fmt::format("is for {}, not for '{}'", fmt::join(facts.names, ", "),
                                          domain.name)});
        }
        const auto [other, is_first] = shown.emplace(facts.algorithm, certificates[i].name);
        if (!is_first) {
            faults.push_back(
                {pointer, "domain.same_algorithm",
                 fmt::format("has the same kind of key as '{}'; a domain shows one RSA and one ECC "
                             "certificate at most",
                             other->second)});
        }
    }
}

}  // namespace

std::vector<Fault> faults_of(const model::Domain& domain,
                             const std::vector<model::Certificate>& certificates) {
    std::vector<Fault> faults;
    check_each(domain, certificates, faults);
    const bool has_authorities = std::ranges::any_of(
        certificates,
        [](const model::Certificate& certificate) { return !certificate.authorities_pem.empty(); });
    if (domain.client_certificates && !has_authorities) {
        faults.push_back({"/client_certificates", std::string(kNoAuthorities),
                          "needs a certificate with authorities, which sign those of the clients"});
    }
    if (!certificates.empty()) { return faults; }
    constexpr std::string_view kNeedsOne = "needs a certificate that the domain shows";
    if (domain.redirect_to_https) {
        faults.push_back({"/redirect_to_https", "domain.no_certificate", std::string(kNeedsOne)});
    }
    if (domain.min_tls_version != model::TlsVersion::Tls12) {
        faults.push_back({"/min_tls_version", "domain.no_certificate", std::string(kNeedsOne)});
    }
    return faults;
}

}  // namespace lintel::management
