// Errors as values. Every failure has a stable code from one table (error_codes.def), a public
// message that may be shown to the caller, and a private cause that goes to the log only.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lintel {

enum class Code : std::uint16_t {
#define LINTEL_CODE(enumerator, name, phase, status, title, fix) enumerator,
#include "base/error_codes.def"
#undef LINTEL_CODE
};

/// One row of the table of codes.
struct CodeInfo {
    Code code;
    std::string_view name;   ///< stable dotted name, part of the API contract
    std::string_view phase;  ///< phase of the data plane that refuses; empty for management
    int status;              ///< HTTP status
    std::string_view title;  ///< one line for people
    std::string_view fix;    ///< what to do about it
};

const CodeInfo& info(Code code);
std::span<const CodeInfo> all_codes();

/// One fault inside a rejected document or request; a rejection lists all of them at once.
struct Fault {
    std::string pointer;  ///< JSON pointer (RFC 6901) into the body, or "/query/name",
                          ///< "/header/name", "/path/name"
    std::string code;     ///< dotted, e.g. "schema.type", "field.required"
    std::string detail;   ///< what is wrong and what would be right
};

struct Error {
    Code code = Code::Internal;
    std::string message;     ///< public: specific to this case, safe to show to the caller
    std::string cause = {};  ///< private: for the log only
    std::vector<Fault> faults = {};
    bool retryable = false;  ///< the same request may succeed later, and repeating it is safe
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

/// Cold: what leads here is laid out beside the path that works.
[[gnu::cold]] std::unexpected<Error> fail(Code code, std::string message, std::string cause = {});
[[gnu::cold]] std::unexpected<Error> fail(Error error);

}  // namespace lintel

#define LINTEL_CONCAT_INNER(a, b) a##b
#define LINTEL_CONCAT(a, b) LINTEL_CONCAT_INNER(a, b)
#define LINTEL_ASSIGN(result, declaration, expression, leave)          \
    auto&& result = (expression);                                      \
    if (!result) { leave std::unexpected(std::move(result).error()); } \
    declaration = *std::move(result)
#define LINTEL_CHECK_STATUS(result, expression, leave) \
    if (auto&& result = (expression); !result) { leave std::unexpected(std::move(result).error()); }

/// ASSIGN_OR_RETURN(const Service service, repository.get(id)); returns the error from a function.
#define ASSIGN_OR_RETURN(declaration, expression) \
    LINTEL_ASSIGN(LINTEL_CONCAT(result_, __COUNTER__), declaration, expression, return)
#define RETURN_IF_ERROR(expression) \
    LINTEL_CHECK_STATUS(LINTEL_CONCAT(result_, __COUNTER__), expression, return)
/// The same inside a coroutine; name awaited values first or await in the expression itself.
#define ASSIGN_OR_CO_RETURN(declaration, expression) \
    LINTEL_ASSIGN(LINTEL_CONCAT(result_, __COUNTER__), declaration, expression, co_return)
#define CO_RETURN_IF_ERROR(expression) \
    LINTEL_CHECK_STATUS(LINTEL_CONCAT(result_, __COUNTER__), expression, co_return)
