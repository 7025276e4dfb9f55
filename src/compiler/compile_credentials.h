// From stored credentials to what the data plane checks callers against.
#pragma once

#include <memory>
#include <vector>

#include "gateway/credential.h"
#include "management/published.h"

namespace lintel::compiler {

using Credentials = std::vector<std::shared_ptr<const gateway::Credential>>;

/// The credentials of one owner with their keys prepared for signing. Grants name environments by
/// id; those that name none of `environments` any more open nothing. When they were last used is
/// kept from those compiled `before`.
Credentials compile_credentials(const management::OwnedCredentials& credentials,
                                const std::vector<model::Environment>& environments,
                                const Credentials& before = {});

}  // namespace lintel::compiler
