// What the contexts of OpenSSL are furnished with: certificates, authorities, the choice by name.
// Private to the TLS of async.
#pragma once

#include <span>
#include <string>

#include "async/tls.h"

namespace lintel::async {

/// The newest complaint of OpenSSL; the thread's queue is empty afterwards.
std::string last_complaint();

/// The certificate is shown to peers; beside one with another kind of key.
Status show(ssl_ctx_st* context, const TlsCertificate& certificate);
/// What the authorities (in DER) have signed is trusted.
Status trust(ssl_ctx_st* context, std::span<const std::string> authorities);
/// Clients must show a certificate that one of the authorities has signed.
Status demand_certificate(ssl_ctx_st* context, std::span<const std::string> authorities);
/// Clients are served with what TlsHandshake::names has for the name they ask for.
void choose_by_name(ssl_ctx_st* context);
/// Session tickets are sealed with the keys of TlsHandshake::tickets.
void seal_tickets(ssl_ctx_st* context);

}  // namespace lintel::async
