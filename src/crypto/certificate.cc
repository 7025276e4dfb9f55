#include "crypto/certificate.h"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <span>

#include "base/freed.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace lintel::crypto {
namespace {

constexpr std::size_t kMaxChain = 10;
constexpr std::size_t kMaxAuthorities = 100;
constexpr std::size_t kMaxHostName = 253;
constexpr int kMinRsaBits = 2048;
constexpr int kMinEccBits = 256;
/// Of a signature: SHA-1 has less than 80, SHA-256 has 128.
constexpr int kMinSignatureBits = 112;

using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<PKCS8_PRIV_KEY_INFO_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;

std::unexpected<Error> refused(std::vector<Fault> faults) {
    std::string message = "the certificate cannot be used: " + faults.front().detail;
    return fail(Error{.code = Code::CertificateInvalid,
                      .message = std::move(message),
                      .faults = std::move(faults)});
}

std::unexpected<Error> refused(std::string_view pointer, std::string code, std::string detail) {
    return refused({{std::string(pointer), std::move(code), std::move(detail)}});
}

/// The newest complaint of OpenSSL; the thread's queue is empty afterwards.
std::string last_complaint() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "no reason given" : reason;
}

// ---- PEM in, DER out ----------------------------------------------------------------------------

Memory memory_of(std::string_view text) {
    return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Asked for a password, it notes that and gives none.
int no_password(char*, int, int, void* asked) {
    if (asked != nullptr) { *static_cast<bool*>(asked) = true; }
    return -1;
}

std::string der_of(const X509* certificate) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate, &bytes);
    std::string der(reinterpret_cast<const char*>(bytes),
                    static_cast<std::size_t>(std::max(size, 0)));
    OPENSSL_free(bytes);
    return der;
}

/// All of them: a text that is broken behind the first is refused as well.
Result<std::vector<std::string>> certificates_in(std::string_view pem, std::string_view pointer,
                                                 std::size_t at_most) {
    const Memory memory = memory_of(pem);
    std::vector<std::string> found;
    while (const Certificate one{PEM_read_bio_X509(memory.get(), nullptr, no_password, nullptr)}) {
        if (found.size() == at_most) {
            return refused(pointer, "certificate.too_long",
                           fmt::format("it holds more than {} certificates", at_most));
        }
        found.push_back(der_of(one.get()));
    }
    const bool at_the_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    const std::string complaint = last_complaint();
    if (at_the_end && !found.empty()) { return found; }
    if (at_the_end) {
        return refused(pointer, "certificate.unreadable", "it holds no certificate in PEM");
    }
    return refused(pointer, "certificate.unreadable",
                   fmt::format("certificate {} in it is broken ({})", found.size() + 1, complaint));
}

Result<Secret> key_in(std::string_view pem) {
    const Memory memory = memory_of(pem);
    bool has_password = false;
    const PrivateKey key(
        PEM_read_bio_PrivateKey(memory.get(), nullptr, no_password, &has_password));
    const Pkcs8 info(key == nullptr ? nullptr : EVP_PKEY2PKCS8(key.get()));
    ERR_clear_error();
    if (has_password) {
        return refused("/key", "certificate.key_encrypted",
                       "the key is protected by a password; take the password off first");
    }
    if (info == nullptr) {
        return refused("/key", "certificate.key_unreadable", "the key is no private key in PEM");
    }
    unsigned char* bytes = nullptr;
    const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &bytes);
    Secret der({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(std::max(size, 0))});
    OPENSSL_clear_free(bytes, static_cast<std::size_t>(std::max(size, 0)));
    return der;
}

Certificate certificate_of(std::string_view der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    return Certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
}

PrivateKey key_of(const Secret& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.reveal().data());
    return PrivateKey(d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(der.reveal().size())));
}

// ---- facts --------------------------------------------------------------------------------------

TimeMs time_of(const ASN1_TIME* time) {
    constexpr TimeMs kSecond = 1000;
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) * kSecond : 0;
}

std::string common_name_of(const X509* certificate) {
    const X509_NAME* const subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) { return {}; }
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    std::string name(reinterpret_cast<const char*>(text),
                     static_cast<std::size_t>(std::max(size, 0)));
    OPENSSL_free(text);
    return name;
}

std::string issuer_of(const X509* certificate) {
    const Memory memory(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(memory.get(), X509_get_issuer_name(certificate), 0,
                       XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

bool is_host_name(std::string_view name) {
    // Also keeps out the zero byte that once made "bank.example\0.evil.example" a bank.
    return !name.empty() && name.size() <= kMaxHostName &&
           std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<std::string> address_of(std::string_view bytes) {
    constexpr std::size_t kV4 = 4;
    constexpr std::size_t kV6 = 16;
    if (bytes.size() == kV4) {
        return fmt::format("{}.{}.{}.{}", static_cast<std::uint8_t>(bytes[0]),
                           static_cast<std::uint8_t>(bytes[1]), static_cast<std::uint8_t>(bytes[2]),
                           static_cast<std::uint8_t>(bytes[3]));
    }
    if (bytes.size() != kV6) { return std::nullopt; }
    std::string text;
    for (std::size_t i = 0; i < kV6; i += 2) {
        text += (text.empty() ? "" : ":") + to_hex(bytes.substr(i, 2));
    }
    const auto address = IpAddress::parse(text);
    return address ? std::optional(address->to_string()) : std::nullopt;
}

std::vector<std::string> names_of(const X509* certificate) {
    const Names all(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::vector<std::string> names;
    for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all.get()); ++i) {
        int type = 0;
        const void* const value =
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &type);
        if (type != GEN_DNS && type != GEN_IPADD) { continue; }
        const auto* const text = static_cast<const ASN1_STRING*>(value);
        const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                     static_cast<std::size_t>(ASN1_STRING_length(text)));
        if (type == GEN_DNS && is_host_name(bytes)) { names.push_back(to_lower(bytes)); }
        if (type == GEN_IPADD) {
            if (auto address = address_of(bytes)) { names.push_back(*std::move(address)); }
        }
    }
    return names;
}

std::optional<KeyAlgorithm> algorithm_of(const EVP_PKEY* key) {
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA: return KeyAlgorithm::Rsa;
        case EVP_PKEY_EC: return KeyAlgorithm::Ecc;
        default: return std::nullopt;
    }
}

// ---- judgement ----------------------------------------------------------------------------------

/// One look at a certificate with its chain. Lives on the stack of check_certificate.
class Judgement {
public:
    Judgement(std::span<const Certificate> chain, const EVP_PKEY* key, TimeMs now)
        : chain_(chain), own_(chain.front().get()), key_(key), now_(now) {}

    std::vector<Fault> faults() && {
        judge_key();
        judge_strength();
        judge_time();
        judge_chain();
        if (names_of(own_).empty()) {
            fault("certificate.no_names",
                  "it names no host: clients look at the subject alternative names only");
        }
        return std::move(faults_);
    }

private:
    void fault(std::string code, std::string detail, const char* pointer = "/certificate") {
        faults_.push_back({pointer, std::move(code), std::move(detail)});
    }

    void judge_key() {
        if (X509_check_private_key(own_, key_) == 1) { return; }
        const auto owner = std::ranges::find_if(chain_.subspan(1), [this](const Certificate& one) {
            return X509_check_private_key(one.get(), key_) == 1;
        });
        if (owner == chain_.end()) {
            fault("certificate.key_mismatch", "the key does not belong to the certificate", "/key");
        } else {
            in_order_ = false;
            fault("certificate.chain_order",
                  "the certificate the key belongs to must come first, its issuers behind it");
        }
    }

    void judge_strength() {
        const EVP_PKEY* const key = X509_get0_pubkey(own_);
        const auto algorithm = key == nullptr ? std::nullopt : algorithm_of(key);
        if (!algorithm) { return fault("certificate.algorithm", "its key is neither RSA nor ECC"); }
        const bool is_rsa = *algorithm == KeyAlgorithm::Rsa;
        const int bits = EVP_PKEY_get_bits(key);
        if (bits < (is_rsa ? kMinRsaBits : kMinEccBits)) {
            fault("certificate.weak_key",
                  fmt::format("its {} key has {} bits; at least {} are needed",
                              is_rsa ? "RSA" : "ECC", bits, is_rsa ? kMinRsaBits : kMinEccBits));
        }
        for (const Certificate& one : chain_) {
            judge_signature(one.get());
        }
    }

    void judge_signature(X509* certificate) {
        // What signs itself is trusted for being known, not for its signature.
        if ((X509_get_extension_flags(certificate) & EXFLAG_SS) != 0) { return; }
        int bits = 0;
        if (X509_get_signature_info(certificate, nullptr, nullptr, &bits, nullptr) != 1 ||
            bits < kMinSignatureBits) {
            fault("certificate.weak_signature",
                  fmt::format("'{}' is signed with a method that can be forged, SHA-1 say",
                              common_name_of(certificate)));
        }
    }

    void judge_time() {
        if (time_of(X509_get0_notAfter(own_)) <= now_) {
            fault("certificate.expired", "it has expired");
        }
        if (time_of(X509_get0_notBefore(own_)) > now_) {
            fault("certificate.not_yet_valid", "it is not valid yet");
        }
    }

    void judge_chain() {
        for (std::size_t i = 0; in_order_ && i + 1 < chain_.size(); ++i) {
            X509* const issuer = chain_[i + 1].get();
            if (X509_check_issued(issuer, chain_[i].get()) == X509_V_OK &&
                X509_verify(chain_[i].get(), X509_get0_pubkey(issuer)) == 1) {
                continue;
            }
            in_order_ = false;
            fault("certificate.chain_order",
                  fmt::format("certificate {} in it is not signed by the one behind it", i + 1));
        }
    }

    std::span<const Certificate> chain_;
    X509* own_;
    const EVP_PKEY* key_;
    TimeMs now_;
    bool in_order_ = true;
    std::vector<Fault> faults_;
};

}  // namespace

Result<CertificateAndChain> read_certificate(std::string_view certificate_pem,
                                             std::string_view key_pem) {
    ASSIGN_OR_RETURN(std::vector<std::string> chain,
                     certificates_in(certificate_pem, "/certificate", kMaxChain));
    ASSIGN_OR_RETURN(Secret key, key_in(key_pem));
    return CertificateAndChain{.chain = std::move(chain), .key = std::move(key)};
}

Result<CertificateFacts> check_certificate(const CertificateAndChain& certificate, TimeMs now) {
    std::vector<Certificate> chain;
    for (const std::string& der : certificate.chain) {
        chain.push_back(certificate_of(der));
    }
    const PrivateKey key = key_of(certificate.key);
    std::vector<Fault> faults = Judgement(chain, key.get(), now).faults();
    ERR_clear_error();
    if (!faults.empty()) { return refused(std::move(faults)); }
    const X509* const own = chain.front().get();
    return CertificateFacts{.common_name = common_name_of(own),
                            .issuer = issuer_of(own),
                            .names = names_of(own),
                            .algorithm = *algorithm_of(X509_get0_pubkey(own)),
                            .not_before = time_of(X509_get0_notBefore(own)),
                            .not_after = time_of(X509_get0_notAfter(own)),
                            .fingerprint = to_hex(sha256(certificate.chain.front()))};
}

Result<std::vector<std::string>> read_trusted(std::string_view pem, std::string_view pointer) {
    return certificates_in(pem, pointer, kMaxAuthorities);
}

Result<std::vector<std::string>> read_authorities(std::string_view pem, std::string_view pointer) {
    ASSIGN_OR_RETURN(std::vector<std::string> all, read_trusted(pem, pointer));
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (X509_check_ca(certificate_of(all[i]).get()) > 0) { continue; }
        return refused(pointer, "certificate.no_authority",
                       fmt::format("certificate {} in it belongs to no authority: it may not sign "
                                   "others",
                                   i + 1));
    }
    return all;
}

bool covers(const std::vector<std::string>& names, std::string_view host) {
    if (std::ranges::find(names, host) != names.end()) { return true; }
    const auto dot = host.find('.');
    if (dot == std::string_view::npos || host.starts_with('*')) { return false; }
    const std::string_view parent = host.substr(dot);
    return std::ranges::any_of(names, [parent](std::string_view name) {
        return name.starts_with("*.") && name.substr(1) == parent;
    });
}

}  // namespace lintel::crypto
