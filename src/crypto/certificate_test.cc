#include "crypto/certificate.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string>

#include "base/freed.h"
#include "crypto/self_signed.h"

namespace lintel::crypto {
namespace {

constexpr TimeMs kDay = 86'400'000;
constexpr TimeMs kNow = 1'700'000'000'000;

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;

Key rsa(unsigned bits) {
    return Key(EVP_RSA_gen(bits));
}
Key ecc(const char* curve = "P-256") {
    return Key(EVP_EC_gen(curve));
}

std::string taken_from(const Bio& memory) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string key_pem(const Key& key, const char* password = nullptr) {
    const Bio memory(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(memory.get(), key.get(),
                             password == nullptr ? nullptr : EVP_aes_256_cbc(), nullptr, 0, nullptr,
                             const_cast<char*>(password));
    return taken_from(memory);
}

/// A certificate with the key of its owner.
struct Made {
    std::unique_ptr<X509, Freed<X509_free>> certificate{X509_new()};
    Key key;

    std::string pem() const {
        const Bio memory(BIO_new(BIO_s_mem()));
        PEM_write_bio_X509(memory.get(), certificate.get());
        return taken_from(memory);
    }
};

struct Wanted {
    const char* name = "api.example.com";
    const char* alternatives = "DNS:api.example.com,DNS:*.Api.example.com,IP:192.0.2.1,IP:::1";
    TimeMs from = kNow - kDay;
    TimeMs until = kNow + kDay;
    bool is_authority = false;
    const EVP_MD* digest = EVP_sha256();
};

/// Signed by the issuer, or by itself.
Made make(Key key, const Wanted& wanted, const Made* issuer = nullptr) {
    Made made;
    X509* const certificate = made.certificate.get();
    const Made& signer = issuer == nullptr ? made : *issuer;
    made.key = std::move(key);
    static long serial = 1;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    ASN1_TIME_set(X509_getm_notBefore(certificate), wanted.from / 1000);
    ASN1_TIME_set(X509_getm_notAfter(certificate), wanted.until / 1000);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wanted.name), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
    X509_set_pubkey(certificate, made.key.get());
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, signer.certificate.get(), certificate, nullptr, nullptr, 0);
    const auto extend = [&](int kind, const char* value) {
        X509_EXTENSION* const one = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
        ASSERT_NE(one, nullptr) << value;
        X509_add_ext(certificate, one, -1);
        X509_EXTENSION_free(one);
    };
    extend(NID_basic_constraints, wanted.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (wanted.alternatives != nullptr) { extend(NID_subject_alt_name, wanted.alternatives); }
    EXPECT_GT(X509_sign(certificate, signer.key.get(), wanted.digest), 0);
    return made;
}

/// "pointer code" of each fault, one a line; empty: it can be used.
std::string faults_of(const std::string& certificate, const std::string& key) {
    const auto read = read_certificate(certificate, key);
    const auto facts = read ? check_certificate(*read, kNow)
                            : Result<CertificateFacts>(std::unexpected(read.error()));
    std::string text;
    if (facts) { return text; }
    EXPECT_EQ(facts.error().code, Code::CertificateInvalid);
    for (const Fault& fault : facts.error().faults) {
        EXPECT_FALSE(fault.detail.empty());
        text += (text.empty() ? "" : "\n") + fault.pointer + " " + fault.code;
    }
    return text;
}

std::string faults_of(const Made& made) {
    return faults_of(made.pem(), key_pem(made.key));
}

TEST(Certificate, SaysWhatItIs) {
    const Made made = make(ecc(), {.name = "Bücher"});
    const auto read = read_certificate(made.pem(), key_pem(made.key));
    ASSERT_TRUE(read) << read.error().message;
    const auto facts = check_certificate(*read, kNow);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->common_name, "Bücher");
    EXPECT_EQ(facts->issuer, "CN=Bücher");
    EXPECT_EQ(facts->names, (std::vector<std::string>{"api.example.com", "*.api.example.com",
                                                      "192.0.2.1", "::1"}));
    EXPECT_EQ(facts->algorithm, KeyAlgorithm::Ecc);
    EXPECT_EQ(facts->not_before, kNow - kDay);
    EXPECT_EQ(facts->not_after, kNow + kDay);
    EXPECT_EQ(facts->fingerprint.size(), 64U);
}

TEST(Certificate, IsTakenWithTheUsualKeys) {
    EXPECT_EQ(faults_of(make(rsa(2048), {})), "");
    EXPECT_EQ(faults_of(make(ecc("P-384"), {})), "");
    const Made ecc_key = make(ecc(), {});
    EXPECT_EQ(faults_of("Bag Attributes\n" + ecc_key.pem(), "\n" + key_pem(ecc_key.key)), "");
}

TEST(Certificate, IsTakenWithItsChainInOrderOnly) {
    const Made root = make(ecc(), {.name = "root", .is_authority = true});
    const Made middle = make(ecc(), {.name = "middle", .is_authority = true}, &root);
    const Made own = make(ecc(), {}, &middle);
    const std::string key = key_pem(own.key);
    EXPECT_EQ(faults_of(own.pem(), key), "");
    EXPECT_EQ(faults_of(own.pem() + middle.pem(), key), "");
    EXPECT_EQ(faults_of(own.pem() + middle.pem() + root.pem(), key), "");
    EXPECT_EQ(faults_of(own.pem() + root.pem() + middle.pem(), key),
              "/certificate certificate.chain_order");
    EXPECT_EQ(faults_of(middle.pem() + own.pem(), key), "/certificate certificate.chain_order");
    // The same name is not enough: the signature must be by that key.
    const Made impostor = make(ecc(), {.name = "middle", .is_authority = true}, &root);
    EXPECT_EQ(faults_of(own.pem() + impostor.pem(), key), "/certificate certificate.chain_order");
}

TEST(Certificate, IsRefusedWithEachReason) {
    const Made own = make(ecc(), {});
    const std::string key = key_pem(own.key);
    EXPECT_EQ(faults_of("", key), "/certificate certificate.unreadable");
    EXPECT_EQ(faults_of("nothing of the kind", key), "/certificate certificate.unreadable");
    EXPECT_EQ(faults_of(own.pem() + own.pem().substr(0, 100), key),
              "/certificate certificate.unreadable");
    EXPECT_EQ(faults_of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key),
              "/certificate certificate.unreadable");
    std::string long_chain;
    for (int i = 0; i < 11; ++i) {
        long_chain += own.pem();
    }
    EXPECT_EQ(faults_of(long_chain, key), "/certificate certificate.too_long");
    EXPECT_EQ(faults_of(own.pem(), own.pem()), "/key certificate.key_unreadable");
    EXPECT_EQ(faults_of(own.pem(), ""), "/key certificate.key_unreadable");
    EXPECT_EQ(faults_of(own.pem(), key_pem(own.key, "secret")), "/key certificate.key_encrypted");
    EXPECT_EQ(faults_of(own.pem(), key_pem(ecc())), "/key certificate.key_mismatch");
    EXPECT_EQ(faults_of(own.pem(), key_pem(rsa(2048))), "/key certificate.key_mismatch");
    EXPECT_EQ(faults_of(make(ecc(), {.until = kNow})), "/certificate certificate.expired");
    EXPECT_EQ(faults_of(make(ecc(), {.from = kNow + 1000})),
              "/certificate certificate.not_yet_valid");
    EXPECT_EQ(faults_of(make(ecc(), {.alternatives = nullptr})),
              "/certificate certificate.no_names");
    EXPECT_EQ(faults_of(make(ecc(), {.alternatives = "email:a@example.com"})),
              "/certificate certificate.no_names");
    EXPECT_EQ(faults_of(make(rsa(1024), {})), "/certificate certificate.weak_key");
    EXPECT_EQ(faults_of(make(ecc("P-192"), {})), "/certificate certificate.weak_key");
    EXPECT_EQ(
        faults_of(make(Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")), {.digest = nullptr})),
        "/certificate certificate.algorithm");
    const Made root = make(rsa(2048), {.name = "root", .is_authority = true});
    EXPECT_EQ(faults_of(make(ecc(), {.digest = EVP_sha1()}, &root)),
              "/certificate certificate.weak_signature");
}

TEST(Certificate, IsRefusedWithAllReasonsAtOnce) {
    const Made bad = make(rsa(1024), {.alternatives = nullptr, .until = kNow - kDay / 2});
    EXPECT_EQ(faults_of(bad.pem(), key_pem(ecc())),
              "/key certificate.key_mismatch\n/certificate certificate.weak_key\n"
              "/certificate certificate.expired\n/certificate certificate.no_names");
}

TEST(Certificate, OfAnAuthorityMaySignOthers) {
    const Made authority = make(ecc(), {.name = "root", .is_authority = true});
    const Made own = make(ecc(), {}, &authority);
    EXPECT_EQ(read_authorities(authority.pem() + authority.pem(), "/a")->size(), 2U);
    const auto refused = read_authorities(authority.pem() + own.pem(), "/a");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().faults.front().pointer, "/a");
    EXPECT_EQ(refused.error().faults.front().code, "certificate.no_authority");
    EXPECT_EQ(read_authorities("", "/a").error().faults.front().code, "certificate.unreadable");
    EXPECT_EQ(read_trusted(own.pem(), "/a")->size(), 1U);
}

TEST(Certificate, CoversItsNamesAndOneLabelBelowAWildcard) {
    const std::vector<std::string> names{"example.com", "*.example.com", "*.a.example.com"};
    for (const char* covered :
         {"example.com", "x.example.com", "*.example.com", "b.a.example.com", "*.a.example.com"}) {
        EXPECT_TRUE(covers(names, covered)) << covered;
    }
    for (const char* other : {"com", "example.org", "y.x.example.com", "*.x.example.com",
                              "xexample.com", ".example.com.", "*.com"}) {
        EXPECT_FALSE(covers(names, other)) << other;
    }
}

TEST(Certificate, OfOnesOwnMakingCanBeUsed) {
    const std::array<std::string, 2> names{"localhost", "127.0.0.1"};
    const auto made = make_self_signed(names, kNow);
    ASSERT_TRUE(made);
    EXPECT_EQ(faults_of(made->certificate_pem, std::string(made->key_pem.reveal())), "");
}

}  // namespace
}  // namespace lintel::crypto
