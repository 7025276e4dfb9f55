// Custom domains: names of one's own under which services answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "data/json.h"
#include "model/ids.h"

namespace lintel::model {

enum class TlsVersion : std::uint8_t { Tls12, Tls13 };
std::string_view name(TlsVersion version);  ///< "1.2", "1.3"
std::optional<TlsVersion> parse_tls_version(std::string_view text);

/// "/" or a prefix of whole segments leads to a service in an environment; what follows the prefix
/// is the path its APIs see.
struct PathMapping {
    std::string prefix = "/";
    ServiceId service_id = {};
    EnvironmentId environment_id = {};

    bool operator==(const PathMapping&) const = default;
};

struct Domain {
    DomainId id = {};  ///< "dom_..."
    GatewayId gateway_id = {};
    std::string name = {};                         ///< canonical; unique in the installation
    std::vector<PathMapping> mappings = {};        ///< by prefix, each once
    std::vector<CertificateId> certificates = {};  ///< at most one RSA and one ECC
    TlsVersion min_tls_version = TlsVersion::Tls12;
    bool redirect_to_https = false;
    bool client_certificates = false;  ///< clients must show one the certificate's authorities sign
    std::int64_t version = 1;
    TimeMs created_at = 0;
    std::string created_by = {};
    TimeMs updated_at = 0;
};

inline constexpr std::size_t kMaxPathMappings = 50;
inline constexpr std::size_t kMaxPathPrefix = 512;

/// Lower case, without a trailing dot: "api.example.com", "*.example.com". FieldInvalid at "/name"
/// says why it is none; names in other alphabets are given in their ASCII form.
Result<std::string> canonical_domain_name(std::string_view given);
/// What is wrong with a prefix; empty: nothing.
std::string_view fault_of_path_prefix(std::string_view prefix);

}  // namespace lintel::model
