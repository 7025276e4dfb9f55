#include "model/certificate.h"

#include <optional>

#include "model/fields.h"
#include "model/names.h"

namespace lintel::model {

namespace {

using crypto::KeyAlgorithm;

constexpr Names<KeyAlgorithm, 2> kKeyAlgorithms{
    {{KeyAlgorithm::Rsa, "RSA"}, {KeyAlgorithm::Ecc, "ECC"}}};

std::optional<KeyAlgorithm> parse_algorithm(std::string_view text) {
    return value_of(kKeyAlgorithms, text);
}

}  // namespace

data::Json to_json(const crypto::CertificateFacts& facts) {
    return {{"common_name", facts.common_name},
            {"names", facts.names},
            {"issuer", facts.issuer},
            {"algorithm", std::string(name_of(kKeyAlgorithms, facts.algorithm))},
            {"fingerprint", facts.fingerprint},
            {"not_before_ms", facts.not_before},
            {"not_after_ms", facts.not_after}};
}

Result<crypto::CertificateFacts> certificate_facts_from_json(const data::Json& json) {
    std::vector<Fault> faults;
    Fields fields(json, "", faults);
    crypto::CertificateFacts facts;
    facts.common_name = fields.text("common_name");
    facts.names = fields.texts("names");
    facts.issuer = fields.text("issuer");
    facts.algorithm = fields.choice("algorithm", KeyAlgorithm::Rsa, parse_algorithm, "RSA and ECC");
    facts.fingerprint = fields.required_text("fingerprint");
    facts.not_before = fields.integer("not_before_ms", 0);
    facts.not_after = fields.integer("not_after_ms", 0);
    fields.done();
    if (faults.empty()) { return facts; }
    return fail({.code = Code::Internal,
                 .message = "The facts of a certificate cannot be read.",
                 .faults = std::move(faults)});
}

data::Json to_json(const Certificate& certificate) {
    const crypto::CertificateFacts& facts = certificate.facts;
    return {{"id", certificate.id.str()},
            {"name", certificate.name},
            {"common_name", facts.common_name},
            {"names", facts.names},
            {"issuer", facts.issuer},
            {"algorithm", std::string(name_of(kKeyAlgorithms, facts.algorithm))},
            {"fingerprint", facts.fingerprint},
            {"not_before", to_rfc3339(facts.not_before)},
            {"not_after", to_rfc3339(facts.not_after)},
            {"certificate", certificate.chain_pem},
            {"authorities", certificate.authorities_pem},
            {"version", certificate.version},
            {"created_at", to_rfc3339(certificate.created_at)},
            {"created_by", certificate.created_by},
            {"updated_at", to_rfc3339(certificate.updated_at)}};
}

}  // namespace lintel::model
