#include "app/failure.h"

#include <fmt/core.h>

namespace lintel::app {

ExitCode exit_code_of_status(int http_status) {
    switch (http_status) {
        case 401:
        case 403: return ExitCode::NotAllowed;
        case 404: return ExitCode::NotFound;
        case 409:
        case 412:
        case 428: return ExitCode::Conflict;
        default: return ExitCode::Refused;
    }
}

Failure to_failure(const Error& error) {
    const CodeInfo& row = info(error.code);
    std::string message = error.message.empty() ? std::string(row.title) : error.message;
    const bool is_listed = error.code == Code::ConfigInvalid;
    if (!is_listed) {
        for (const Fault& fault : error.faults) {
            message += fmt::format("\n  {}: {}", fault.pointer, fault.detail);
        }
    }
    const ExitCode code = is_listed ? ExitCode::Usage : exit_code_of_status(row.status);
    return {.exit_code = code, .message = std::move(message)};
}

}  // namespace lintel::app
