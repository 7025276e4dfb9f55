// TLS on the sockets of a loop: OpenSSL does the protocol, the channel moves the bytes. One receive
// and one send per message, as without TLS. Certificates come in DER, read and judged before.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "async/deadline.h"
#include "async/socket.h"
#include "async/task.h"
#include "base/error.h"

struct ssl_ctx_st;

namespace lintel::async {

class TicketKeys;

/// A certificate to show, in DER: its chain, itself first, and its private key.
struct TlsCertificate {
    std::span<const std::string> chain;
    std::string_view key;
};

struct TlsIdentityOptions {
    /// One per kind of key at most; a client is shown the one it can check.
    std::span<const TlsCertificate> certificates;
    bool at_least_tls13 = false;
    /// In DER. Given: a client must show a certificate that one of them has signed.
    std::span<const std::string> client_authorities = {};
};

/// Who a server is under some name, and what it asks of its clients. Immutable; shared by snapshots
/// and by the connections that were made with it.
class TlsIdentity {
public:
    /// Code::CertificateInvalid when OpenSSL will not have a certificate or key.
    static Result<std::shared_ptr<const TlsIdentity>> build(const TlsIdentityOptions& options);
    TlsIdentity(const TlsIdentity&) = delete;
    TlsIdentity& operator=(const TlsIdentity&) = delete;
    ~TlsIdentity();

    ssl_ctx_st* context() const { return context_; }

private:
    explicit TlsIdentity(ssl_ctx_st* context) : context_(context) {}

    ssl_ctx_st* context_;
};

/// What a client that asks for a name is served with.
struct TlsChoice {
    const TlsIdentity* identity = nullptr;  ///< null: the listener's own
    /// Stands for the name's rules, at most 32 bytes: a session made under other rules is not
    /// resumed, and Handshake::rules tells them later.
    std::string_view rules = {};
};

/// Finds what to show by the name a client asks for. One per worker, asked on its loop's thread in
/// the middle of a handshake.
class TlsNames {
public:
    virtual ~TlsNames() = default;
    /// `server_name` is in lower case. What the choice refers to must live until the caller's turn
    /// of the loop ends.
    virtual TlsChoice choose(std::string_view server_name) const;
};

/// A handshake under way: whom to ask, and what came of it. Owned by whoever awaits accept().
struct TlsHandshake {
    const TlsNames& names;
    std::string rules = {};  ///< those of the name it was made for; empty: the listener's own
    bool chosen = false;     ///< once: a second hello of the same client changes nothing
    TicketKeys* tickets = nullptr;  ///< of the listener
};

/// A listener's end of TLS: TLS 1.2 and 1.3, forward secrecy only, h2 and http/1.1 by ALPN, session
/// tickets whose keys change twice a day, no renegotiation. Immutable; shared by all workers.
class TlsServer {
public:
    /// `own` is shown to clients that ask for no name, or for one nobody knows.
    /// Code::CertificateInvalid when OpenSSL will not have it.
    static Result<std::shared_ptr<const TlsServer>> build(const TlsCertificate& own);
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;
    ~TlsServer();

    /// Shakes hands as the server; afterwards the socket reads and writes plain text.
    Task<Status> accept(Socket& socket, Deadline until, TlsHandshake& handshake) const;

private:
    explicit TlsServer(ssl_ctx_st* context);

    ssl_ctx_st* context_;
    std::unique_ptr<TicketKeys> tickets_;
};

struct TlsClientOptions {
    /// In DER; empty: the authorities of the system are trusted.
    std::span<const std::string> authorities = {};
    bool trusts_anyone = false;
    const TlsCertificate* own = nullptr;  ///< shown to servers that ask for one
};

/// Whom a client trusts and who it is. Immutable; shared by all workers.
class TlsClient {
public:
    /// Code::CertificateInvalid when OpenSSL will not have a certificate or key.
    static Result<std::shared_ptr<const TlsClient>> build(const TlsClientOptions& options);
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
