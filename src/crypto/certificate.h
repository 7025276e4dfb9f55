// Certificates as people bring them: PEM comes in, what is wrong is said with a reason each, DER
// goes on to whoever speaks TLS with it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace lintel::crypto {

/// What a text in PEM holds, in DER.
struct CertificateAndChain {
    std::vector<std::string> chain;  ///< the certificate itself, then its issuers upwards
    Secret key;                      ///< PKCS #8
};

enum class KeyAlgorithm : std::uint8_t { Rsa, Ecc };

/// What a certificate says about itself.
struct CertificateFacts {
    std::string common_name = {};         ///< may be empty
    std::string issuer = {};              ///< distinguished name
    std::vector<std::string> names = {};  ///< subject alternative names: hosts (lower case, "*." in
                                          ///< front for wildcards) and addresses
    KeyAlgorithm algorithm = KeyAlgorithm::Rsa;
    TimeMs not_before = 0;
    TimeMs not_after = 0;
    std::string fingerprint = {};  ///< SHA-256, hexadecimal
};

/// Reads a chain and its private key. Code::CertificateInvalid with a fault at "/certificate" or
/// "/key": certificate.unreadable, certificate.too_long, certificate.key_unreadable,
/// certificate.key_encrypted.
Result<CertificateAndChain> read_certificate(std::string_view certificate_pem,
                                             std::string_view key_pem);

/// Whether it can serve today. Code::CertificateInvalid with every fault there is:
/// certificate.key_mismatch, .chain_order, .expired, .not_yet_valid, .no_names, .weak_key,
/// .weak_signature, .algorithm.
Result<CertificateFacts> check_certificate(const CertificateAndChain& certificate, TimeMs now);

/// The certificates in a text in PEM, in DER: of authorities, or one a peer has made itself.
/// Code::CertificateInvalid with a fault at `pointer`: certificate.unreadable,
/// certificate.too_long.
Result<std::vector<std::string>> read_trusted(std::string_view pem, std::string_view pointer);
/// Those of authorities only: whoever may not sign others is refused with certificate.no_authority.
Result<std::vector<std::string>> read_authorities(std::string_view pem, std::string_view pointer);

/// Whether one of a certificate's names stands for the host: itself, or "*." and what follows its
/// first label (RFC 9525 section 6.3). A wildcard host is covered by the same wildcard only.
bool covers(const std::vector<std::string>& names, std::string_view host);

}  // namespace lintel::crypto
