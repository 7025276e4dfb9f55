// Which header fields of the client may reach the backend. Pure functions.
#pragma once

#include <string_view>

#include "http/message.h"

namespace lintel::gateway {

/// Fields that the backend writes itself, or that only concern the client's connection.
bool is_backends_job(http::HeaderId id);
/// Fields without which a body or an answer would be misread; only_mapped keeps them.
bool is_representation(http::HeaderId id);
/// Whether Connection names fields at all: almost never.
bool names_fields(const http::Fields& fields);
/// A field that Connection names is hop-by-hop too (RFC 9110 section 7.6.1).
bool is_named_by_connection(const http::Fields& fields, std::string_view name);

}  // namespace lintel::gateway
