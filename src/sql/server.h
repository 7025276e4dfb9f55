// A database server by its URL: postgres://USER@HOST:PORT/DATABASE?OPTION=VALUE, with every option
// that libpq knows.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace lintel::sql {

struct Server {
    Secret url;            ///< may hold a password
    Secret password = {};  ///< wins over the one of the URL; empty: none
};

/// ConfigInvalid with half a sentence ("must be ...") when the text is no such URL. Connects to
/// nothing.
Status check_url(std::string_view url);

/// The URL without its passwords, for people to read.
std::string shown_url(std::string_view url);

}  // namespace lintel::sql
