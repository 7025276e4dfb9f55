// What differs between two copies of a service: releases, the draft, what an environment runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "management/management.h"
#include "model/service.h"

namespace lintel::management {

/// A member that differs; absent: the copy does not have it. Secrets are masked.
struct FieldChange {
    std::string pointer;
    std::optional<data::Json> before;
    std::optional<data::Json> after;
};

struct ApiChange {
    enum class Kind { Added, Removed, Changed };
    Kind kind = Kind::Changed;
    model::ApiId id = {};
    std::string name = {};  ///< as it is after, or was when it was removed
    std::string method = {};
    std::string path = {};
    std::vector<FieldChange> fields = {};  ///< of Changed; pointers into the API
};

struct Comparison {
    std::vector<FieldChange> service = {};  ///< pointers into the definition
    std::vector<ApiChange> apis = {};

    bool is_empty() const { return service.empty() && apis.empty(); }
};

/// {service[{pointer, before, after}], apis[{change, id, name, method, path, fields[]}]}
data::Json to_json(const Comparison& comparison);

/// APIs are the same when they have the same id. Pure.
Comparison compare(const Kinds& kinds, const model::ServiceDefinition& before,
                   const model::ServiceDefinition& after);

struct ComparisonRequest {
    std::string service = {};  ///< id or code
    /// "draft", the number of a release, or "environment:" and a code.
    std::string from = {};
    std::string to = {};
};
/// QueryInvalid when a copy is none of the three; NotFound when there is no such copy.
Result<Comparison> compare_copies(Management& m, const Caller& caller,
                                  const ComparisonRequest& request);

}  // namespace lintel::management
