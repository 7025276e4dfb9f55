// TLS on the sockets of a loop: OpenSSL does the protocol, the channel moves the bytes. One receive
// and one send per message, as without TLS. The types of OpenSSL stay in tls.cc.
#pragma once

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
/// http/1.1 by ALPN, session tickets, no renegotiation. Immutable; shared by all workers.
class TlsContext {
public:
    /// Both in PEM: the server's certificate with its chain behind it, and its private key without
    /// a password. Code::CertificateInvalid says which of them is wrong and why: unreadable, not
    /// matching, expired, not yet valid, a weak key.
    static Result<std::shared_ptr<const TlsContext>> build(std::string_view chain_pem,
                                                           std::string_view key_pem);
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;
    ~TlsContext();

    /// Shakes hands as the server; afterwards the socket reads and writes plain text. The context
    /// must outlive the socket.
    Task<Status> accept(Socket& socket, Deadline until) const;

private:
    explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

    ssl_ctx_st* context_;
};

}  // namespace lintel::async
