// The plugins of this binary with their schemas compiled: what a config must look like before a
// plugin is built from it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/json.h"
#include "data/schema.h"
#include "gateway/plugin.h"

namespace lintel::compiler {

/// A kind and the schema its configs must satisfy.
template <typename Kind>
struct CheckedKind {
    Kind kind;
    std::shared_ptr<const data::Schema> schema;
};

/// Role: finds plugins by name. Owner: the app. Immutable after build; thread-safe.
class Catalogue {
public:
    /// Fails with Code::StartFailed when a plugin's own schema is broken.
    static Result<Catalogue> build(const gateway::Kinds& kinds);

    /// nullptr when there is no such plugin.
    const CheckedKind<gateway::PolicyKind>* policy(std::string_view name) const;
    const CheckedKind<gateway::AuthKind>* auth(std::string_view name) const;
    const CheckedKind<gateway::BackendKind>* backend(std::string_view name) const;

private:
    Catalogue() = default;

    std::vector<CheckedKind<gateway::PolicyKind>> policies_;
    std::vector<CheckedKind<gateway::AuthKind>> auths_;
    std::vector<CheckedKind<gateway::BackendKind>> backends_;
};

}  // namespace lintel::compiler
