#include "gateway/backend_tls.h"

#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "crypto/hash.h"

namespace lintel::gateway {
namespace {

using data::Json;

std::unexpected<Error> fault(std::string pointer, std::string code, std::string detail) {
    return fail(Error{.code = Code::FieldInvalid,
                      .message = "the TLS settings are not usable",
                      .faults = {{std::move(pointer), std::move(code), std::move(detail)}}});
}

/// Whom the backend trusts, and who it is to its service.
struct Trust {
    std::vector<std::string> authorities = {};  ///< in DER; empty: those of the system
    bool anyone = false;
    std::shared_ptr<const OwnCertificate> own = nullptr;

    bool is_usual() const { return authorities.empty() && !anyone && own == nullptr; }
};

Result<Trust> trust_of(const Json& config, const Certificates& certificates) {
    Trust trust;
    const Json* const verify = data::find(config, "verify");
    trust.anyone = verify != nullptr && !verify->get<bool>();
    if (const std::string_view pem = data::find_string(config, "authorities"); !pem.empty()) {
        auto read = crypto::read_trusted(pem, "/authorities");
        if (!read) {
            Fault& first = read.error().faults.front();
            return fault(std::move(first.pointer), std::move(first.code), std::move(first.detail));
        }
        trust.authorities = *std::move(read);
    }
    const std::string_view own = data::find_string(config, "certificate");
    if (own.empty()) { return trust; }
    trust.own = certificates.find(own);
    if (trust.own == nullptr) {
        return fault("/certificate", "certificate.unknown",
                     fmt::format("the gateway has no certificate '{}'", own));
    }
    return trust;
}

/// Tells one trust from another in the keys of pools: connections are never shared between two.
std::string key_of(const Trust& trust) {
    std::string all;
    for (const std::string& authority : trust.authorities) {
        all += crypto::sha256(authority);
    }
    return fmt::format("{}{}{}", trust.anyone ? "anyone " : "",
                       all.empty() ? "system" : to_hex(crypto::sha256(all)),
                       trust.own == nullptr ? "" : " as " + trust.own->fingerprint);
}

Result<std::shared_ptr<const async::TlsClient>> client_of(const Trust& trust) {
    async::TlsClientOptions options{.authorities = trust.authorities,
                                    .trusts_anyone = trust.anyone};
    if (trust.own == nullptr) { return async::TlsClient::build(options); }
    const async::TlsCertificate own{.chain = trust.own->material.chain,
                                    .key = trust.own->material.key.reveal()};
    options.own = &own;
    return async::TlsClient::build(options);
}

}  // namespace

Result<http::Origin::Tls> backend_tls(const Json& config, std::string_view host,
                                      const Certificates& certificates) {
    http::Origin::Tls tls{.server_name = std::string(data::find_string(config, "server_name"))};
    if (tls.server_name.empty()) { tls.server_name = host; }
    ASSIGN_OR_RETURN(const Trust trust, trust_of(config, certificates));
    if (trust.is_usual()) { return tls; }
    auto client = client_of(trust);
    if (!client) { return fault("", "certificate.invalid", client.error().message); }
    tls.client = *std::move(client);
    tls.trust = key_of(trust);
    return tls;
}

}  // namespace lintel::gateway
