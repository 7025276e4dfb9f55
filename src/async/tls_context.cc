#include "async/tls_context.h"

#include <fmt/core.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "async/ticket_keys.h"
#include "base/freed.h"
#include "base/text.h"

namespace lintel::async {
namespace {

constexpr int kMaxClientChain = 10;
constexpr std::size_t kMaxServerName = 255;

using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

std::unexpected<Error> not_accepted(std::string_view what) {
    return fail(Code::CertificateInvalid,
                fmt::format("{} cannot be used: {}", what, last_complaint()));
}

Certificate certificate_of(std::string_view der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    return Certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
}

PrivateKey key_of(std::string_view der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    return PrivateKey(d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(der.size())));
}

// ---- the choice by name -------------------------------------------------------------------------

/// Takes `size` bytes from the front; nothing when there are fewer.
std::optional<std::string_view> take(std::string_view& from, std::size_t size) {
    if (from.size() < size) { return std::nullopt; }
    const std::string_view taken = from.substr(0, size);
    from.remove_prefix(size);
    return taken;
}

/// A field behind its length of two bytes.
std::optional<std::string_view> take_field(std::string_view& from) {
    const auto size = take(from, 2);
    if (!size) { return std::nullopt; }
    const auto high = static_cast<unsigned char>((*size)[0]);
    const auto low = static_cast<unsigned char>((*size)[1]);
    return take(from, static_cast<std::size_t>(high) << 8U | low);
}

/// The host name a client asks for (RFC 6066 section 3), empty when it asks for none.
std::string server_name_in(SSL* ssl) {
    const unsigned char* bytes = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &size) != 1) { return {}; }
    std::string_view rest(reinterpret_cast<const char*>(bytes), size);
    std::optional<std::string_view> list = take_field(rest);
    if (!list) { return {}; }
    const auto type = take(*list, 1);
    if (!type || type->front() != TLSEXT_NAMETYPE_host_name) { return {}; }
    const auto name = take_field(*list);
    if (!name || name->size() > kMaxServerName) { return {}; }
    return to_lower(*name);
}

/// The first moment a name is known, and the last one at which the version can still be chosen.
int on_client_hello(SSL* ssl, int*, void*) {
    auto& handshake = *static_cast<TlsHandshake*>(SSL_get_app_data(ssl));
    if (std::exchange(handshake.chosen, true)) { return SSL_CLIENT_HELLO_SUCCESS; }
    const std::string name = server_name_in(ssl);
    const TlsChoice choice = name.empty() ? TlsChoice() : handshake.names.choose(name);
    if (choice.identity == nullptr) { return SSL_CLIENT_HELLO_SUCCESS; }
    handshake.rules = choice.rules;
    SSL_CTX* const context = choice.identity->context();
    // The context brings certificates and authorities; what it asks for must be said again.
    SSL_set_SSL_CTX(ssl, context);
    SSL_set_verify(ssl, SSL_CTX_get_verify_mode(context), nullptr);
    SSL_set_verify_depth(ssl, SSL_CTX_get_verify_depth(context));
    SSL_set_min_proto_version(ssl, SSL_CTX_get_min_proto_version(context));
    SSL_set_session_id_context(ssl, reinterpret_cast<const unsigned char*>(handshake.rules.data()),
                               static_cast<unsigned>(handshake.rules.size()));
    return SSL_CLIENT_HELLO_SUCCESS;
}

// ---- session tickets ----------------------------------------------------------------------------

bool begin_mac(EVP_MAC_CTX* mac, TicketKey& key) {
    char digest[] = "SHA256";
    const OSSL_PARAM with[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, with) == 1;
}

int seal_ticket(TicketKey key, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                EVP_MAC_CTX* mac) {
    std::ranges::copy(key.name, name);
    const bool ready =
        RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
        EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key.cipher.data(), iv, nullptr) == 1 &&
        begin_mac(mac, key);
    return ready ? 1 : -1;
}

/// 0: the ticket is worth nothing here, 1: it is good, 2: good, and a new one is due.
int open_ticket(TicketKey key, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    const bool ready =
        EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key.cipher.data(), iv, nullptr) == 1 &&
        begin_mac(mac, key);
    if (!ready) { return -1; }
    return key.is_newest ? 1 : 2;
}

int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
              EVP_MAC_CTX* mac, int sealing) {
    TicketKeys& keys = *static_cast<TlsHandshake*>(SSL_get_app_data(ssl))->tickets;
    const TicketKeys::Time now = std::chrono::steady_clock::now();
    if (sealing == 1) { return seal_ticket(keys.newest(now), name, iv, cipher, mac); }
    const auto key = keys.find({reinterpret_cast<const char*>(name), TicketKey::kNameSize}, now);
    return key ? open_ticket(*key, iv, cipher, mac) : 0;
}

}  // namespace

std::string last_complaint() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "no reason given" : reason;
}

Status show(SSL_CTX* context, const TlsCertificate& certificate) {
    const Certificate own = certificate_of(certificate.chain.front());
    const PrivateKey key = key_of(certificate.key);
    if (own == nullptr || key == nullptr || SSL_CTX_use_certificate(context, own.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
        return not_accepted("the certificate");
    }
    for (const std::string& der : certificate.chain.subspan(1)) {
        const Certificate issuer = certificate_of(der);
        if (issuer == nullptr || SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) {
            return not_accepted("a certificate of the chain");
        }
    }
    return {};
}

Status trust(SSL_CTX* context, std::span<const std::string> authorities) {
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    for (const std::string& der : authorities) {
        const Certificate authority = certificate_of(der);
        if (authority == nullptr || X509_STORE_add_cert(store, authority.get()) != 1) {
            return not_accepted("a certificate of an authority");
        }
    }
    return {};
}

Status demand_certificate(SSL_CTX* context, std::span<const std::string> authorities) {
    RETURN_IF_ERROR(trust(context, authorities));
    for (const std::string& der : authorities) {
        SSL_CTX_add_client_CA(context, certificate_of(der).get());
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_verify_depth(context, kMaxClientChain);
    // An authority that another one has signed is trusted for itself.
    X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
    return {};
}

void seal_tickets(SSL_CTX* context) {
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
}

void choose_by_name(SSL_CTX* context) {
    constexpr std::string_view kOwnRules = "listener";
    SSL_CTX_set_session_id_context(context,
                                   reinterpret_cast<const unsigned char*>(kOwnRules.data()),
                                   static_cast<unsigned>(kOwnRules.size()));
    SSL_CTX_set_client_hello_cb(context, on_client_hello, nullptr);
}

}  // namespace lintel::async
