// Reading request bodies as values: JSON documents, forms, multipart field names. Used by
// validation and mapping alike, so that both understand a body the same way.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/json.h"
#include "data/parameter_style.h"
#include "http/body.h"

namespace lintel::gateway {

/// Passes a stream on until it grows beyond its limit, then fails with Code::RequestBodyTooLarge.
class LimitedBody final : public http::BodyReader {
public:
    LimitedBody(http::BodyReader& inner, std::uint64_t limit) : inner_(inner), left_(limit) {}
    Task<Result<std::span<const char>>> read() override;

private:
    http::BodyReader& inner_;
    std::uint64_t left_;
};

/// Bodies are bigger than documents of people; what bounds them is the body limit.
inline constexpr data::JsonLimits kBodyJsonLimits{.max_nodes = 1'000'000};
inline constexpr std::size_t kMaxFormPairs = 10'000;
inline constexpr std::size_t kMaxMultipartFields = 1'000;

/// A form (application/x-www-form-urlencoded) as an object: fields of `shapes` typed by them, all
/// others strings, or arrays of strings when they come several times. Text that does not have its
/// declared type is a fault below `pointer`; the field is left out then.
Result<data::Json> read_form(std::string_view text, std::span<const data::ParameterShape> shapes,
                             std::string_view pointer, std::vector<Fault>& faults);
/// The object as a form again: arrays as repeated fields, nested objects as JSON text.
std::string write_form(const data::Json& object);

/// The names of the fields of a multipart/form-data body, in order. Fails when the body is not one.
Result<std::vector<std::string>> multipart_names(std::string_view text, std::string_view boundary);

/// A scalar as it stands in a path, query or header; arrays and objects as JSON text; null empty.
std::string text_of(const data::Json& value);

}  // namespace lintel::gateway
