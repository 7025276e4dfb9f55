// Certificates of a gateway: what it shows to clients that call a domain, and to services that ask
// a backend who it is.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "crypto/certificate.h"
#include "data/json.h"
#include "model/ids.h"

namespace lintel::model {

struct Certificate {
    CertificateId id = {};  ///< "crt_..."
    GatewayId gateway_id = {};
    std::string name = {};             ///< fixed: backends refer to it
    std::string chain_pem = {};        ///< itself, then its issuers
    Secret key_pem = {};               ///< empty when it was not asked for: lists do not unseal
    std::string authorities_pem = {};  ///< who signs the certificates of clients; may be empty
    crypto::CertificateFacts facts = {};
    std::int64_t version = 1;
    TimeMs created_at = 0;
    std::string created_by = {};
    TimeMs updated_at = 0;
};

/// Without the key.
data::Json to_json(const Certificate& certificate);
/// What is kept beside the certificate, so that lists need not read it again.
data::Json to_json(const crypto::CertificateFacts& facts);
Result<crypto::CertificateFacts> certificate_facts_from_json(const data::Json& json);

}  // namespace lintel::model
