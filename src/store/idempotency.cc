#include "store/idempotency.h"

#include "base/text.h"

namespace lintel::store {

namespace {
std::string context_of(const std::string& owner, const std::string& key) {
    return "idempotency_keys|" + owner + "/" + key + "|sealed_answer|1";
}
}  // namespace

Result<std::optional<IdempotencyEntry>> IdempotencyKeys::find(const std::string& owner,
                                                              const std::string& key) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT request_sha256, status, sealed_answer, created_at"
                                   " FROM idempotency_keys"
                                   " WHERE owner = $1 AND idempotency_key = $2",
                                   {owner, key}));
    if (!row) { return std::optional<IdempotencyEntry>(); }
    IdempotencyEntry entry{.owner = owner,
                           .key = key,
                           .request_sha256 = row->text(0),
                           .status = static_cast<int>(row->integer(1)),
                           .answer = {},
                           .created_at = row->integer(3)};
    if (entry.status != 0) {
        const std::optional<std::string> sealed = from_base64(row->text(2));
        const std::optional<Secret> answer =
            sealed ? sealer_.open(*sealed, context_of(owner, key)) : std::nullopt;
        if (!answer) {
            return fail(Code::Internal, "A stored answer cannot be opened.",
                        context_of(owner, key) + " was altered or moved");
        }
        entry.answer = std::string(answer->reveal());
    }
    return std::optional(std::move(entry));
}

Status IdempotencyKeys::put(const IdempotencyEntry& entry) {
    const std::string sealed =
        to_base64(sealer_.seal(entry.answer, context_of(entry.owner, entry.key)));
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO idempotency_keys (owner, idempotency_key, request_sha256, status,"
                    " sealed_answer, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
                    " ON CONFLICT (owner, idempotency_key) DO UPDATE SET"
                    " request_sha256 = excluded.request_sha256, status = excluded.status,"
                    " sealed_answer = excluded.sealed_answer, created_at = excluded.created_at",
                    {entry.owner, entry.key, entry.request_sha256, std::int64_t{entry.status},
                     sealed, entry.created_at}));
    return {};
}

Status IdempotencyKeys::remove(const std::string& owner, const std::string& key) {
    RETURN_IF_ERROR(tx_.execute(
        "DELETE FROM idempotency_keys WHERE owner = $1 AND idempotency_key = $2", {owner, key}));
    return {};
}

Status IdempotencyKeys::remove_older_than(TimeMs time) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM idempotency_keys WHERE created_at < $1", {time}));
    return {};
}

}  // namespace lintel::store
