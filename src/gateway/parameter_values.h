// What validate learnt of a request, kept for transform: the typed value of every declared
// parameter, and how the body was read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "data/json.h"
#include "http/body.h"

namespace lintel::gateway {

/// How the request body was understood. Untouched: nobody looked, it streams by.
enum class BodyForm : std::uint8_t { Untouched, Json, Form, Multipart };

/// Part of the exchange. Written by Contract, read by Mapping; both number the parameters of an api
/// alike.
struct ParameterValues {
    /// By the place of the parameter in the definition. nullopt: absent and without a default.
    /// Empty when the contract had nothing to read.
    std::vector<std::optional<data::Json>> values;
    BodyForm body_form = BodyForm::Untouched;
    /// Stands between the client's stream and its readers when only counting can enforce the body
    /// limit.
    std::unique_ptr<http::BodyReader> limited_body;

    const data::Json* at(std::size_t index) const {
        return index < values.size() && values[index] ? &*values[index] : nullptr;
    }
};

}  // namespace lintel::gateway
