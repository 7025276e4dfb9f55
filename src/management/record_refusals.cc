#include <optional>

#include "base/log.h"
#include "base/text.h"
#include "management/audit.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxTriedName = 64;

/// The project the path names, or that of the service it names.
Result<model::ProjectId> project_tried(Management& m, const Caller& caller) {
    const ClientInfo& client = caller.client();
    if (client.service.empty() && client.project.empty()) { return model::ProjectId(); }
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    if (!client.service.empty()) {
        ASSIGN_OR_RETURN(const model::Service service,
                         tx.services().get(caller.gateway().id, client.service));
        return service.project_id;
    }
    ASSIGN_OR_RETURN(const std::optional<model::Project> project,
                     tx.projects().find(caller.gateway().id, client.project));
    return project ? project->id : model::ProjectId();
}

/// Nothing was changed, so nothing hangs on it: a store that cannot take it is only logged.
void add_refusal(Management& m, model::AuditEvent event) {
    const auto add = [&]() -> Status {
        ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
        RETURN_IF_ERROR(tx.audit().add(event));
        return tx.commit();
    };
    if (const Status added = add(); !added) {
        log::warn("a refusal is missing in the audit",
                  {{"action", event.action}, {"cause", added.error().message}});
    }
}

}  // namespace

void record_refusal(Management& m, const Caller& caller, std::string_view operation,
                    const Error& error) {
    const TimeMs now = m.clock.now_ms();
    if (!m.guard.notes_refusal_of(caller.name(), now)) { return; }
    add_refusal(m, {.id = model::AuditEventId(make_id("aud")),
                    .at = now,
                    .actor = caller.name(),
                    .token_id = caller.token().id.str(),
                    .remote = caller.client().remote,
                    .request_id = caller.client().request_id,
                    .action = "permission.refuse",
                    .object_type = "operation",
                    .object_id = std::string(operation),
                    .object_name = std::string(operation),
                    .project_id = project_tried(m, caller).value_or(model::ProjectId()),
                    .result = "refused",
                    .after = {{"detail", error.message}}});
}

void record_failed_log_in(Management& m, const std::string& name, const ClientInfo& client) {
    // Whoever types the password into the field of the name should not find it here in full length;
    // attempts are counted before (AccessGuard::admit), so this cannot flood.
    const std::string tried = name.substr(0, kMaxTriedName);
    add_refusal(m, {.id = model::AuditEventId(make_id("aud")),
                    .at = m.clock.now_ms(),
                    .actor = is_valid_utf8(tried) ? tried : std::string(),
                    .remote = client.remote,
                    .request_id = client.request_id,
                    .action = "user.log_in",
                    .object_type = "user",
                    .object_name = is_valid_utf8(tried) ? tried : std::string(),
                    .result = "refused"});
}

}  // namespace lintel::management
