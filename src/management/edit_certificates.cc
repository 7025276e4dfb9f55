#include <fmt/format.h>

#include "base/text.h"
#include "management/certificates.h"
#include "management/domain_rules.h"
#include "management/steps.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxCertificateName = 50;

Status check_name(store::Transaction& tx, const model::GatewayId& gateway,
                  const std::string& name) {
    if (trim(name).empty() || model::character_count(name) > kMaxCertificateName) {
        return invalid_field("/name", "field.length", "must have 1 to 50 characters");
    }
    ASSIGN_OR_RETURN(const bool taken, tx.certificates().name_exists(gateway, name));
    if (!taken) { return {}; }
    return fail({.code = Code::NameTaken,
                 .message = "There is already a certificate '" + name + "'.",
                 .faults = {{"/name", "name.taken", "is the name of another certificate"}}});
}

/// Reads and judges an upload, and puts it into the certificate.
Status take(const CertificateUpload& upload, TimeMs now, model::Certificate& certificate) {
    ASSIGN_OR_RETURN(const crypto::CertificateAndChain read,
                     crypto::read_certificate(upload.certificate, upload.key.reveal()));
    ASSIGN_OR_RETURN(certificate.facts, crypto::check_certificate(read, now));
    if (!upload.authorities.empty()) {
        RETURN_IF_ERROR(crypto::read_authorities(upload.authorities, "/authorities"));
    }
    certificate.chain_pem = upload.certificate;
    certificate.key_pem = upload.key;
    certificate.authorities_pem = upload.authorities;
    return {};
}

/// Every domain that shows the certificate must be able to go on with the new one.
Status check_domains(store::Transaction& tx, const model::Certificate& replaced) {
    ASSIGN_OR_RETURN(const std::vector<model::Domain> domains, tx.domains().showing(replaced.id));
    std::vector<Fault> faults;
    for (const model::Domain& domain : domains) {
        std::vector<model::Certificate> certificates;
        for (const model::CertificateId& id : domain.certificates) {
            if (id == replaced.id) {
                certificates.push_back(replaced);
                continue;
            }
            ASSIGN_OR_RETURN(certificates.emplace_back(),
                             tx.certificates().get(id, store::Secrets::Sealed));
        }
        for (const Fault& fault : faults_of(domain, certificates)) {
            const bool authorities = fault.code == kNoAuthorities;
            faults.push_back(
                {authorities ? "/authorities" : "/certificate", fault.code,
                 fmt::format("does not suit the domain '{}': {}", domain.name, fault.detail)});
        }
    }
    return faults.empty() ? Status{} : fail(invalid_fields(std::move(faults)));
}

std::string listed(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

Status require_unused(store::Transaction& tx, Management& m,
                      const model::Certificate& certificate) {
    ASSIGN_OR_RETURN(const std::vector<model::Domain> domains,
                     tx.domains().showing(certificate.id));
    if (!domains.empty()) {
        std::vector<std::string> names;
        for (const model::Domain& domain : domains) {
            names.push_back(domain.name);
        }
        return fail(Code::StateConflict,
                    fmt::format("The certificate '{}' is used by the domains {}; give them "
                                "another one first.",
                                certificate.name, listed(names)));
    }
    const std::vector<std::string> users = m.publisher.users_of(certificate.id);
    if (users.empty()) { return {}; }
    return fail(Code::StateConflict,
                fmt::format("The certificate '{}' is shown to backends by {}; have them do without "
                            "it first.",
                            certificate.name, listed(users)));
}

std::uint64_t refresh(Management& m, const model::Certificate& certificate) {
    return m.publisher.refresh(
        {.kind = Change::Kind::Certificate, .certificate_id = certificate.id});
}

}  // namespace

Result<Written<model::Certificate>> create_certificate(Management& m, const Caller& caller,
                                                       const NewCertificate& request) {
    RETURN_IF_ERROR(caller.require(Permission::WriteCertificate));
    model::Certificate certificate;
    RETURN_IF_ERROR(take(request.upload, m.clock.now_ms(), certificate));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    RETURN_IF_ERROR(check_name(tx, gateway.id, request.name));
    certificate.id = model::CertificateId(make_id("crt"));
    certificate.gateway_id = gateway.id;
    certificate.name = request.name;
    certificate.created_at = m.clock.now_ms();
    certificate.created_by = caller.name();
    certificate.updated_at = certificate.created_at;
    RETURN_IF_ERROR(tx.certificates().add(certificate));
    RETURN_IF_ERROR(record(tx, m, caller, "certificate.create", subject_of(certificate),
                           {nullptr, model::to_json(certificate)}));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision = refresh(m, certificate);
    return Written<model::Certificate>{std::move(certificate), revision};
}

Result<Written<model::Certificate>> replace_certificate(Management& m, const Caller& caller,
                                                        const std::string& certificate,
                                                        const CertificateUpload& upload,
                                                        ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteCertificate));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(model::Certificate found,
                     tx.certificates().get(gateway.id, certificate, store::Secrets::Sealed));
    RETURN_IF_ERROR(require_version(found.version, expected));
    const data::Json before = model::to_json(found);
    RETURN_IF_ERROR(take(upload, m.clock.now_ms(), found));
    RETURN_IF_ERROR(check_domains(tx, found));
    ++found.version;
    found.updated_at = m.clock.now_ms();
    RETURN_IF_ERROR(tx.certificates().save(found));
    RETURN_IF_ERROR(record(tx, m, caller, "certificate.replace", subject_of(found),
                           {before, model::to_json(found)}));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision = refresh(m, found);
    return Written<model::Certificate>{std::move(found), revision};
}

Result<Written<model::Certificate>> delete_certificate(Management& m, const Caller& caller,
                                                       const std::string& certificate,
                                                       ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteCertificate));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(model::Certificate found,
                     tx.certificates().get(gateway.id, certificate, store::Secrets::Sealed));
    RETURN_IF_ERROR(require_version(found.version, expected));
    RETURN_IF_ERROR(require_unused(tx, m, found));
    RETURN_IF_ERROR(tx.certificates().remove(found.id));
    RETURN_IF_ERROR(
        record(tx, m, caller, "certificate.delete", subject_of(found), {model::to_json(found)}));
    RETURN_IF_ERROR(tx.commit());
    const std::uint64_t revision = refresh(m, found);
    return Written<model::Certificate>{std::move(found), revision};
}

}  // namespace lintel::management
