// How a command ends badly: what it says and the exit code scripts rely on (docs/cli.md).
#pragma once

#include <expected>
#include <string>

#include "base/error.h"

namespace lintel::app {

enum class ExitCode : int {
    Done = 0,
    Usage = 2,        ///< wrong usage, or a local file that is not right
    Unreachable = 3,  ///< no answer from the server
    NotAllowed = 4,   ///< not logged in, or not permitted
    NotFound = 5,
    Conflict = 6,  ///< somebody was faster, or the state does not allow it
    Refused = 7,   ///< anything else the server or the store refuses
};

struct Failure {
    ExitCode exit_code = ExitCode::Refused;
    std::string message;  ///< whole lines for people, without the last line feed
};

template <typename T>
using Outcome = std::expected<T, Failure>;

inline std::unexpected<Failure> give_up(ExitCode code, std::string message) {
    return std::unexpected(Failure{code, std::move(message)});
}

ExitCode exit_code_of_status(int http_status);
/// For errors of work done in this process.
Failure to_failure(const Error& error);

}  // namespace lintel::app
