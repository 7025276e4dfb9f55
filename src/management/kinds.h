// The plugins as management sees them: names, and schemas to check configs with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/schema.h"
#include "model/definition.h"
#include "model/kind.h"

namespace lintel::management {

/// Role: the catalogue of kinds with compiled schemas. Immutable after build; owned by the app;
/// safe to share.
class Kinds {
public:
    static Result<Kinds> build(std::vector<model::KindInfo> kinds);

    const std::vector<model::KindInfo>& all() const { return kinds_; }
    const model::KindInfo* find(model::Family family, std::string_view name) const;

    /// Checks every plugin use of a definition: known kind, config as the schema of the kind wants
    /// it.
    void check(const model::ServiceDefinition& definition, std::string_view pointer,
               std::vector<Fault>& faults) const;
    void check(const model::ApiDefinition& api, std::string_view pointer,
               std::vector<Fault>& faults) const;

    /// What a definition refers to by name: the values of settings whose schema says
    /// "x-refers-to": `what`.
    struct Reference {
        std::string pointer;
        std::string name;
    };
    std::vector<Reference> references(const model::ServiceDefinition& definition,
                                      std::string_view what) const;

    /// The JSON of a definition or an API with the values of "x-secret" settings masked; for the
    /// audit.
    data::Json masked(data::Json json) const;

private:
    void check_use(model::Family family, const model::PluginUse& use, std::string_view pointer,
                   std::vector<Fault>& faults) const;

    std::vector<model::KindInfo> kinds_;
    std::vector<std::shared_ptr<const data::Schema>> schemas_;  ///< in the order of kinds_
};

}  // namespace lintel::management
