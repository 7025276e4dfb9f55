#include "crypto/self_signed.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "base/freed.h"
#include "base/ip_address.h"

namespace lintel::crypto {
namespace {

constexpr std::time_t kHour = 3600;
constexpr std::time_t kLife = 397 * 24 * kHour;  // what browsers accept at most

using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;

/// "DNS:localhost,IP:127.0.0.1"
std::string alternative_names(std::span<const std::string> names) {
    std::string text;
    for (const std::string& name : names) {
        if (!text.empty()) { text += ','; }
        text += (IpAddress::parse(name) ? "IP:" : "DNS:") + name;
    }
    return text;
}

bool extend(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool describe(X509* certificate, EVP_PKEY* key, std::span<const std::string> names,
              std::time_t now) {
    constexpr int kVersion3 = 2;
    constexpr int kSerialBits = 120;
    const Number serial(BN_new());
    X509_NAME* const subject = X509_get_subject_name(certificate);
    const auto* const title = reinterpret_cast<const unsigned char*>("Lintel, self-signed");
    return BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr &&
           X509_set_version(certificate, kVersion3) == 1 &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), now - kHour) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), now - kHour + kLife) != nullptr &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, title, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 &&
           X509_set_pubkey(certificate, key) == 1 &&
           extend(certificate, NID_subject_alt_name, alternative_names(names)) &&
           extend(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           extend(certificate, NID_key_usage, "critical,digitalSignature") &&
           extend(certificate, NID_ext_key_usage, "serverAuth") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

std::string taken_from(BIO* memory) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace

Result<CertificateAndKey> make_self_signed(std::span<const std::string> names, TimeMs now) {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    if (key == nullptr || certificate == nullptr ||
        !describe(certificate.get(), key.get(), names, static_cast<std::time_t>(now / 1000))) {
        return fail(Code::Internal, "a self-signed certificate cannot be made");
    }
    const Memory public_part(BIO_new(BIO_s_mem()));
    const Memory private_part(BIO_new(BIO_s_secmem()));
    if (PEM_write_bio_X509(public_part.get(), certificate.get()) != 1 ||
        PEM_write_bio_PrivateKey(private_part.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                 nullptr) != 1) {
        return fail(Code::Internal, "a self-signed certificate cannot be written");
    }
    return CertificateAndKey{.certificate_pem = taken_from(public_part.get()),
                             .key_pem = Secret(taken_from(private_part.get()))};
}

}  // namespace lintel::crypto
