// What a domain and its certificates owe each other. Private to management.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/certificate.h"
#include "model/domain.h"

namespace lintel::management {

/// The code of the fault that only other authorities could mend.
inline constexpr std::string_view kNoAuthorities = "domain.no_authorities";

/// Everything that keeps the domain from showing these certificates, which are its own, in order.
std::vector<Fault> faults_of(const model::Domain& domain,
                             const std::vector<model::Certificate>& certificates);

}  // namespace lintel::management
