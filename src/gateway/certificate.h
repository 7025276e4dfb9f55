// Certificates of the gateway as the data plane uses them: domains show them to clients, backends
// to the services they call.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"

namespace lintel::gateway {

/// A certificate of the gateway with its private key. Immutable; shared by what was built with it.
struct OwnCertificate {
    std::string id;
    std::string name;
    std::string gateway_id;    ///< in which it can be named
    std::int64_t version = 0;  ///< raised when it is replaced
    std::string fingerprint;
    crypto::CertificateAndChain material;
    std::vector<std::string> authorities;  ///< in DER; they sign the certificates of clients
};

/// Where plugins find certificates while they are built. This one is empty.
class Certificates {
public:
    virtual ~Certificates() = default;
    /// By name or id; null: there is none.
    virtual std::shared_ptr<const OwnCertificate> find(std::string_view /*name_or_id*/) const {
        return nullptr;
    }
};

/// Others, with the ids of those that were found noted.
class NotedCertificates final : public Certificates {
public:
    NotedCertificates(const Certificates& all, std::vector<std::string>& ids)
        : all_(all), ids_(ids) {}

    std::shared_ptr<const OwnCertificate> find(std::string_view name_or_id) const override {
        auto found = all_.find(name_or_id);
        if (found != nullptr) { ids_.push_back(found->id); }
        return found;
    }

private:
    const Certificates& all_;
    std::vector<std::string>& ids_;
};

}  // namespace lintel::gateway
