// Whom an https backend must prove to be and who we are to it, from its configuration: the member
// "tls" of http backends and of upstreams.
#pragma once

#include <string_view>

#include "base/error.h"
#include "data/json.h"
#include "gateway/certificate.h"
#include "http/client.h"

namespace lintel::gateway {

/// `config` is {server_name, authorities, verify, certificate}; `host` is whom the backend is
/// called at. Faults have pointers into `config`.
Result<http::Origin::Tls> backend_tls(const data::Json& config, std::string_view host,
                                      const Certificates& certificates);

}  // namespace lintel::gateway
