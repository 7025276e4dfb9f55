#include "management/idempotency.h"

#include "management/steps.h"

namespace lintel::management {

namespace {

constexpr TimeMs kKeptMs = 24 * 60 * 60 * 1000;
/// A claim older than this is of a process that died; its request may be made again.
constexpr TimeMs kAbandonedMs = 5 * 60 * 1000;
constexpr std::size_t kMaxKeyLength = 200;

}  // namespace

Result<std::optional<StoredAnswer>> begin_request(Management& m, const Caller& caller,
                                                  const std::string& key,
                                                  const std::string& request_sha256) {
    if (key.empty() || key.size() > kMaxKeyLength) {
        return invalid_field("/header/Idempotency-Key", "field.length",
                             "must have 1 to 200 characters");
    }
    const TimeMs now = m.clock.now_ms();
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    RETURN_IF_ERROR(tx.idempotency().remove_older_than(now - kKeptMs));
    ASSIGN_OR_RETURN(const std::optional<store::IdempotencyEntry> entry,
                     tx.idempotency().find(caller.user().id.str(), key));
    if (entry && entry->request_sha256 != request_sha256) {
        return fail(Code::IdempotencyMismatch,
                    "The Idempotency-Key was used for another request; use a new one.");
    }
    if (entry && entry->status != 0) {
        return std::optional(StoredAnswer{entry->status, entry->answer});
    }
    if (entry && now - entry->created_at < kAbandonedMs) {
        return fail({.code = Code::IdempotencyInProgress,
                     .message = "The same request is still being worked on.",
                     .retryable = true});
    }
    RETURN_IF_ERROR(tx.idempotency().put({.owner = caller.user().id.str(),
                                          .key = key,
                                          .request_sha256 = request_sha256,
                                          .status = 0,
                                          .answer = {},
                                          .created_at = now}));
    RETURN_IF_ERROR(tx.commit());
    return std::optional<StoredAnswer>();
}

Status finish_request(Management& m, const Caller& caller, const std::string& key,
                      const StoredAnswer& answer) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(std::optional<store::IdempotencyEntry> entry,
                     tx.idempotency().find(caller.user().id.str(), key));
    if (!entry) { return {}; }
    entry->status = answer.status;
    entry->answer = answer.body;
    RETURN_IF_ERROR(tx.idempotency().put(*entry));
    return tx.commit();
}

Status abandon_request(Management& m, const Caller& caller, const std::string& key) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    RETURN_IF_ERROR(tx.idempotency().remove(caller.user().id.str(), key));
    return tx.commit();
}

}  // namespace lintel::management
