// From stored credentials to what the data plane checks callers against.
#pragma once

#include <memory>
#include <vector>

#include "gateway/credential.h"
#include "management/published.h"

namespace lintel::compiler {

/// The credentials of one owner with their keys prepared for signing. Grants name environments by
/// id; those that name none of `environments` any more open nothing.
std::vector<std::shared_ptr<const gateway::Credential>> compile_credentials(
    const management::OwnedCredentials& credentials,
    const std::vector<model::Environment>& environments);

}  // namespace lintel::compiler
