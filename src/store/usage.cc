#include "store/usage.h"

namespace lintel::store {

Status Usage::note_use(const model::CredentialId& id, model::KeyPairType type, TimeMs at) {
    RETURN_IF_ERROR(
        tx_.execute("UPDATE key_pairs SET last_used_at = $3"
                    " WHERE credential_id = $1 AND type = $2 AND last_used_at < $3",
                    {id.str(), std::string(name(type)), at}));
    return {};
}

Status Usage::add_calls(const CallCount& count) {
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO call_minutes (service_id, environment, minute, calls)"
                    " SELECT s.id, CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS BIGINT)"
                    " FROM services s JOIN gateways g ON g.id = s.gateway_id"
                    " WHERE g.code = $1 AND s.code = $2"
                    " ON CONFLICT (service_id, environment, minute)"
                    " DO UPDATE SET calls = call_minutes.calls + excluded.calls",
                    {count.gateway, count.service, count.environment, count.minute, count.calls}));
    return {};
}

Result<std::int64_t> Usage::calls_since(const model::ServiceId& service, std::int64_t minute) {
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT CAST(COALESCE(SUM(calls), 0) AS BIGINT) FROM call_minutes"
                               " WHERE service_id = $1 AND minute >= $2",
                               {service.str(), minute}));
    return rows.front().integer(0);
}

Status Usage::forget_before(std::int64_t minute) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM call_minutes WHERE minute < $1", {minute}));
    return {};
}

}  // namespace lintel::store
