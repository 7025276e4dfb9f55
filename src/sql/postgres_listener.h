// LISTEN and NOTIFY: how the processes on one database wake each other. Private to the sql module.
#pragma once

#include <memory>

#include "sql/database.h"
#include "sql/postgres_session.h"

namespace lintel::sql {

/// Said within a transaction, heard when it is committed.
inline constexpr const char* kNotify = "NOTIFY lintel_changes";

std::unique_ptr<Listener> listen_to(std::shared_ptr<PostgresServer> server);

}  // namespace lintel::sql
