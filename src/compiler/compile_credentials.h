// From stored credentials to what the data plane checks callers against.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/flat_index.h"
#include "gateway/credential.h"
#include "model/credential.h"
#include "model/place.h"

namespace lintel::compiler {

using Credentials = std::vector<std::shared_ptr<const gateway::Credential>>;
using CredentialsByOwner = std::map<std::string, Credentials>;  ///< by id of the owner

/// Makes them one at a time. Lives as long as one load; what it is made with outlives it.
class CredentialCompiler {
public:
    /// When they were last used is kept from those compiled `before`.
    CredentialCompiler(const std::vector<model::Environment>& environments,
                       const gateway::CredentialTable& before);

    void add(model::Credential credential);
    /// The grant of a credential that was not added opens nothing. Grants name environments by id;
    /// those that name none of `environments` any more open nothing either.
    void add(const model::Grant& grant);
    /// Nothing may be added afterwards.
    CredentialsByOwner take() { return std::move(compiled_); }

private:
    struct Added {
        std::uint32_t tag = 0;
        gateway::Credential* credential = nullptr;  ///< in `compiled_`
    };

    const std::vector<model::Environment>& environments_;
    const gateway::CredentialTable& before_;
    CredentialsByOwner compiled_;
    FlatIndex<Added> by_id_;
};

}  // namespace lintel::compiler
