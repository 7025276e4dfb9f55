#include "async/tls.h"

#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "async/buffer.h"
#include "async/ticket_keys.h"
#include "async/tls_context.h"
#include "base/assert.h"
#include "base/freed.h"
#include "base/ip_address.h"

namespace lintel::async {
namespace {

constexpr std::size_t kRecordBytes = 16U << 10;  ///< plain text of the largest record
constexpr int kSecurityLevel = 2;                ///< of OpenSSL: RSA from 2048 bits on, no SHA-1
// RFC 7301: one length byte, then the name; the best first.
constexpr std::string_view kProtocols = "\x02h2\x08http/1.1";
constexpr std::string_view kHttp1 = "\x08http/1.1";
constexpr std::string_view kHttp2 = "\x02h2";
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

using Ssl = std::unique_ptr<SSL, Freed<SSL_free>>;
using SslContext = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

// ---- bytes --------------------------------------------------------------------------------------

Channel& channel_of(BIO* bio) {
    return *static_cast<Channel*>(BIO_get_data(bio));
}

int read_bytes(BIO* bio, char* into, std::size_t size, std::size_t* got) {
    BIO_clear_retry_flags(bio);
    *got = 0;
    const IoResult received = receive_now(channel_of(bio), {into, size});
    if (received == -EAGAIN) { BIO_set_retry_read(bio); }
    if (received <= 0) { return 0; }
    *got = static_cast<std::size_t>(received);
    return 1;
}

int write_bytes(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
    BIO_clear_retry_flags(bio);
    *written = 0;
    iovec part{.iov_base = const_cast<char*>(bytes), .iov_len = size};
    const IoResult sent = send_now(channel_of(bio), {&part, 1});
    if (sent == -EAGAIN) { BIO_set_retry_write(bio); }
    if (sent <= 0) { return 0; }
    *written = static_cast<std::size_t>(sent);
    return 1;
}

long control_bytes(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* channel_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "channel");
        LINTEL_ASSERT(made != nullptr, "OpenSSL takes another kind of BIO");
        BIO_meth_set_read_ex(made, read_bytes);
        BIO_meth_set_write_ex(made, write_bytes);
        BIO_meth_set_ctrl(made, control_bytes);
        return made;
    }();
    return method;
}

Ssl session_on(SSL_CTX* context, Channel& channel) {
    Ssl ssl(SSL_new(context));
    BIO* const bio = BIO_new(channel_method());
    LINTEL_ASSERT(ssl != nullptr, "OpenSSL has memory for a connection");
    LINTEL_ASSERT(bio != nullptr, "OpenSSL has memory for a connection");
    BIO_set_data(bio, &channel);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl.get(), bio, bio);
    return ssl;
}

/// An established session. Owned by its channel.
class TlsLayer final : public Layer {
public:
    explicit TlsLayer(Ssl ssl) : ssl_(std::move(ssl)) {}

    IoResult recv(std::span<char> into) override {
        std::size_t got = 0;
        if (SSL_read_ex(ssl_.get(), into.data(), into.size(), &got) == 1) {
            return static_cast<IoResult>(got);
        }
        return failed();
    }

    IoResult send(std::span<const iovec> parts) override {
        // Head and body of a small message share one record.
        if (parts.size() > 1 && parts[0].iov_len < kRecordBytes) {
            Buffer record = Buffer::lend(Buffer::kSmall);
            return write({record.data(), gather(parts, record.span())});
        }
        return write({static_cast<const char*>(parts[0].iov_base), parts[0].iov_len});
    }

    bool has_buffered() const override { return SSL_has_pending(ssl_.get()) == 1; }

    std::string_view protocol() const override {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(ssl_.get(), &name, &size);
        return {reinterpret_cast<const char*>(name), size};
    }

    void finish() override {
        // Best effort: a peer that does not read any more is not waited for.
        if (!broken_) { SSL_shutdown(ssl_.get()); }
        ERR_clear_error();
    }

private:
    static std::size_t gather(std::span<const iovec> parts, std::span<char> into) {
        std::size_t size = 0;
        for (const iovec& part : parts) {
            const std::size_t taken = std::min(part.iov_len, into.size() - size);
            std::memcpy(into.data() + size, part.iov_base, taken);
            size += taken;
        }
        return size;
    }

    IoResult write(std::string_view bytes) {
        std::size_t written = 0;
        if (SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), kRecordBytes),
                         &written) == 1) {
            return static_cast<IoResult>(written);
        }
        const IoResult why = failed();
        // A peer that said goodbye and went ends a write as well. Nothing written is no end to who
        // sends: he would try for ever.
        return why == 0 ? broken() : why;
    }

    IoResult failed() {
        switch (SSL_get_error(ssl_.get(), 0)) {
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE: return -EAGAIN;
            case SSL_ERROR_ZERO_RETURN: return 0;
            // Also an end without a farewell: what came before may have been cut short by anyone.
            default: return broken();
        }
    }

    IoResult broken() {
        ERR_clear_error();
        broken_ = true;
        return -ECONNRESET;
    }

    Ssl ssl_;
    bool broken_ = false;
};

// ---- contexts -----------------------------------------------------------------------------------

/// RFC 7301 section 3.2: a client that wants only what we do not speak is told so.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
    unsigned char* found = nullptr;
    const int how = SSL_select_next_proto(
        &found, size, reinterpret_cast<const unsigned char*>(kProtocols.data()),
        static_cast<unsigned>(kProtocols.size()), offered, offered_size);
    if (how != OPENSSL_NPN_NEGOTIATED) { return SSL_TLSEXT_ERR_ALERT_FATAL; }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

/// What both ends have in common.
SslContext new_context(const SSL_METHOD* method) {
    SslContext context(SSL_CTX_new(method));
    LINTEL_ASSERT(context != nullptr, "OpenSSL has memory for a context");
    SSL_CTX* const ctx = context.get();
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_security_level(ctx, kSecurityLevel);
    SSL_CTX_set_cipher_list(ctx, kTls12Ciphers);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1);
    // Tickets hold the whole session, so the workers share no cache.
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    return context;
}

SslContext server_context() {
    SslContext context = new_context(TLS_server_method());
    SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    return context;
}

SslContext client_context(int verify) {
    SslContext context = new_context(TLS_client_method());
    SSL_CTX_set_verify(context.get(), verify, nullptr);
    return context;
}

/// The server must be the one that was meant: by its name, which it is told as well, or address.
/// False when that cannot be demanded: then nothing may be sent.
bool expect(SSL* ssl, const std::string& name) {
    if (name.empty()) { return false; }
    if (IpAddress::parse(name)) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
}

std::string why_not_secure(const SSL* ssl) {
    const long verified = SSL_get_verify_result(ssl);
    if (verified == X509_V_OK) { return last_complaint(); }
    ERR_clear_error();
    return X509_verify_cert_error_string(verified);
}

/// `step` is SSL_accept or SSL_connect. Afterwards the session is the socket's layer.
Task<Status> shake_hands(Ssl ssl, int (*step)(SSL*), Socket& socket, Deadline until) {
    while (step(ssl.get()) != 1) {
        if (SSL_get_error(ssl.get(), 0) != SSL_ERROR_WANT_READ) {
            co_return fail(Code::ClientClosed, "the TLS handshake failed",
                           why_not_secure(ssl.get()));
        }
        const IoResult ready = co_await socket.readable(until);
        if (ready != 0) {
            co_return fail(Code::ClientClosed, "the TLS handshake was not finished in time",
                           std::strerror(static_cast<int>(-ready)));
        }
    }
    SSL_set_app_data(ssl.get(), nullptr);
    socket.channel().layer = std::make_unique<TlsLayer>(std::move(ssl));
    co_return Status();
}

}  // namespace

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::build(const TlsIdentityOptions& options) {
    SslContext context = server_context();
    for (const TlsCertificate& certificate : options.certificates) {
        RETURN_IF_ERROR(show(context.get(), certificate));
    }
    if (options.at_least_tls13) { SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION); }
    if (!options.client_authorities.empty()) {
        RETURN_IF_ERROR(demand_certificate(context.get(), options.client_authorities));
    }
    return std::shared_ptr<const TlsIdentity>(new TlsIdentity(context.release()));
}

TlsIdentity::~TlsIdentity() {
    SSL_CTX_free(context_);
}

TlsChoice TlsNames::choose(std::string_view) const {
    return {};
}

Result<std::shared_ptr<const TlsServer>> TlsServer::build(const TlsCertificate& own) {
    SslContext context = server_context();
    RETURN_IF_ERROR(show(context.get(), own));
    choose_by_name(context.get());
    seal_tickets(context.get());
    return std::shared_ptr<const TlsServer>(new TlsServer(context.release()));
}

TlsServer::TlsServer(ssl_ctx_st* context)
    : context_(context), tickets_(std::make_unique<TicketKeys>()) {}

TlsServer::~TlsServer() {
    SSL_CTX_free(context_);
}

Task<Status> TlsServer::accept(Socket& socket, Deadline until, TlsHandshake& handshake) const {
    Ssl ssl = session_on(context_, socket.channel());
    handshake.tickets = tickets_.get();
    SSL_set_app_data(ssl.get(), &handshake);
    return shake_hands(std::move(ssl), SSL_accept, socket, until);
}

Result<std::shared_ptr<const TlsClient>> TlsClient::build(const TlsClientOptions& options) {
    SslContext context = client_context(options.trusts_anyone ? SSL_VERIFY_NONE : SSL_VERIFY_PEER);
    if (options.authorities.empty()) {
        SSL_CTX_set_default_verify_paths(context.get());
    } else {
        RETURN_IF_ERROR(trust(context.get(), options.authorities));
    }
    if (options.own != nullptr) { RETURN_IF_ERROR(show(context.get(), *options.own)); }
    return std::shared_ptr<const TlsClient>(new TlsClient(context.release()));
}

TlsClient::~TlsClient() {
    SSL_CTX_free(context_);
}

Task<Status> TlsClient::connect(Socket& socket, std::string name, Protocol protocol,
                                Deadline until) const {
    Ssl ssl = session_on(context_, socket.channel());
    const std::string_view offered = protocol == Protocol::Http2 ? kHttp2 : kHttp1;
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                        static_cast<unsigned>(offered.size()));
    if (!expect(ssl.get(), name)) {
        ERR_clear_error();
        co_return fail(Code::ClientClosed, "the TLS handshake was not begun",
                       fmt::format("'{}' is no name a certificate could have", name));
    }
    co_return co_await shake_hands(std::move(ssl), SSL_connect, socket, until);
}

}  // namespace lintel::async
