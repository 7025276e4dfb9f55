// The field rules of services, APIs, codes and credentials: pure functions that list every fault at
// once. What a plugin's own config must be is the plugin's schema and is checked by management.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/definition.h"

namespace lintel::model {

inline constexpr std::size_t kMaxServiceName = 50;
inline constexpr std::size_t kMaxApiName = 60;
inline constexpr std::size_t kMaxDescription = 200;
inline constexpr std::size_t kMaxGroupName = 50;
inline constexpr std::size_t kMaxParameters = 30;
inline constexpr std::size_t kMaxPathLength = 1024;
inline constexpr std::size_t kMaxApis = 1000;
inline constexpr std::size_t kMaxReleaseNote = 200;

/// Characters (code points), not bytes; text that is not UTF-8 counts as too long for every limit.
std::size_t character_count(std::string_view text);

/// "[a-z0-9]" with inner single "-", 3 to 40 characters.
bool is_service_code(std::string_view code);
/// "[a-z0-9]{1,16}".
bool is_environment_code(std::string_view code);

/// The names of the path parameters of a template, in order; "{rest+}" yields "rest". A malformed
/// template is a fault.
Result<std::vector<std::string>> path_parameters(std::string_view path);
/// The template with every parameter name blanked: "/a/{x}" and "/a/{y}" give the same text, so
/// they are one template.
std::string path_shape(std::string_view path);

/// Checks the whole definition of a draft. `pointer` is put before every fault's pointer.
void check(const ServiceDefinition& definition, std::string_view pointer, Faults& faults);
/// Checks one API by itself (not its uniqueness within the service).
void check(const ApiDefinition& api, std::string_view pointer, Faults& faults);

/// Checks one parameter by itself.
void check(const Parameter& parameter, std::string_view pointer, Faults& faults);

/// What keeps a valid draft from being published: no API, an API without a backend. Empty:
/// complete.
Faults incomplete(const ServiceDefinition& definition);

}  // namespace lintel::model
