// Files a command reads: documents, passwords.
#pragma once

#include <string>

#include "app/failure.h"
#include "base/secret.h"

namespace lintel::app {

/// The whole file; "-" is the standard input. Usage failures name the file.
Outcome<std::string> read_local_file(const std::string& path);
/// The first line of a file, for passwords and the like.
Outcome<Secret> read_secret_file(const std::string& path);
/// Asks on the terminal without echo; fails when the standard input is none.
Outcome<Secret> ask_password(const std::string& prompt);

}  // namespace lintel::app
