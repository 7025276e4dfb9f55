// Takes the schemas an import needs out of the file: references are led to
// "#/components/schemas/NAME" with names every reader accepts, and exactly what is referred to is
// kept.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "data/json.h"
#include "data/schema.h"
#include "openapi/source.h"

namespace lintel::openapi {

/// Owned by one import, used by one thread. The source must outlive it.
class Schemas {
public:
    explicit Schemas(Source& source);

    /// A copy of the schema that stands on its own with components(). A schema that requests will
    /// be checked with must compile: `enforced` turns what is wrong with it into faults, otherwise
    /// into warnings.
    data::Json take(const Place& schema, bool enforced);

    /// {"schemas": {...}} with everything the taken schemas refer to; empty when they refer to
    /// nothing. Called once, at the end.
    data::Json components();

private:
    struct Wanted {
        std::string name;
        Place place;
    };

    data::Json copy(const Place& schema);
    data::Json copy_members(const Place& schemas);
    data::Json copy_list(const Place& schemas);
    std::string relocated(const Place& reference);
    std::string name_for(const std::string& pointer, const std::string& wish);
    void check(const Place& schema, bool enforced);

    Source& source_;
    // Two, because a compiler tells a fault of a shared part only once.
    data::SchemaCompiler enforced_;
    data::SchemaCompiler described_;
    std::map<std::string, std::string> names_;  // pointer in the file -> name in components
    std::set<std::string> taken_names_;
    std::vector<Wanted> wanted_;  // in order of first use
};

}  // namespace lintel::openapi
