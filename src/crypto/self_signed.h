// A certificate of one's own, for first steps with TLS: callers must be told to trust it.
#pragma once

#include <span>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

namespace lintel::crypto {

struct CertificateAndKey {
    std::string certificate_pem;
    Secret key_pem;
};

/// ECDSA on P-256, valid from an hour ago for 397 days, for the names given: "localhost",
/// "*.example.com" or IP addresses.
Result<CertificateAndKey> make_self_signed(std::span<const std::string> names, TimeMs now);

}  // namespace lintel::crypto
