// TLS on the sockets of a loop: OpenSSL does the protocol, the channel moves the bytes. One receive
// and one send per message, as without TLS. The types of OpenSSL stay in tls.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "async/deadline.h"
#include "async/socket.h"
#include "async/task.h"
#include "base/error.h"

struct ssl_ctx_st;

namespace lintel::async {

/// What a server shows and accepts: its certificate, TLS 1.2 and 1.3, forward secrecy only,
/// h2 and http/1.1 by ALPN, session tickets, no renegotiation. Immutable; shared by all workers.
class TlsServer {
public:
    /// Both in PEM: the server's certificate with its chain behind it, and its private key without
    /// a password. Code::CertificateInvalid says which of them is wrong and why: unreadable, not
    /// matching, expired, not yet valid, a weak key.
    static Result<std::shared_ptr<const TlsServer>> build(std::string_view chain_pem,
                                                          std::string_view key_pem);
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;
    ~TlsServer();

    /// Shakes hands as the server; afterwards the socket reads and writes plain text.
    Task<Status> accept(Socket& socket, Deadline until) const;

private:
    explicit TlsServer(ssl_ctx_st* context) : context_(context) {}

    ssl_ctx_st* context_;
};

/// Whom a client trusts. Immutable; shared by all workers.
class TlsClient {
public:
    /// Trusts what the authorities in `authorities_pem` have signed, or those of the system when it
    /// is empty. Code::CertificateInvalid when it holds no certificate.
    static Result<std::shared_ptr<const TlsClient>> build(std::string_view authorities_pem);
    /// Trusts whoever answers.
    static std::shared_ptr<const TlsClient> trusting_anyone();
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;
    ~TlsClient();

    enum class Protocol : std::uint8_t { Http1, Http2 };
    /// Shakes hands with a server that must prove to be `name`, a host name or an address, and is
    /// offered one protocol by ALPN. The reason of a failure is in Error::cause.
    Task<Status> connect(Socket& socket, std::string name, Protocol protocol, Deadline until) const;

private:
    explicit TlsClient(ssl_ctx_st* context) : context_(context) {}

    ssl_ctx_st* context_;
};

}  // namespace lintel::async
