#include "crypto/random.h"
#include "management/draft.h"
#include "management/new_service.h"
#include "management/service_copy.h"
#include "management/steps.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

std::string random_code() {
    constexpr std::string_view kCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string code = "svc-";
    for (const char byte : crypto::random_bytes(6)) {
        // 256 is no multiple of 36; the small bias does not matter for a name that is checked to be
        // free.
        code += kCharacters[static_cast<unsigned char>(byte) % kCharacters.size()];
    }
    return code;
}

Result<std::string> choose_code(store::Transaction& tx, const model::GatewayId& gateway,
                                const std::optional<std::string>& wanted) {
    if (wanted) {
        RETURN_IF_ERROR(require_free_code(tx, gateway, *wanted));
        return *wanted;
    }
    for (;;) {
        std::string code = random_code();
        const Status free = require_free_code(tx, gateway, code);
        if (free) { return code; }
        if (free.error().code != Code::NameTaken) { return fail(free.error()); }
    }
}

}  // namespace

Status require_free_code(store::Transaction& tx, const model::GatewayId& gateway,
                         const std::string& code) {
    if (!model::is_service_code(code)) {
        return invalid_field("/code", "service.code",
                             "must be 3 to 40 characters, 'a' to 'z', digits, and single '-' "
                             "between them");
    }
    const Result<model::Service> holder = tx.services().get(gateway, code);
    if (holder) {
        return fail({.code = Code::NameTaken,
                     .message = "Another service has the code '" + code + "'.",
                     .faults = {{"/code", "code.taken", "is the code of another service"}}});
    }
    return holder.error().code == Code::NotFound ? Status{} : fail(holder.error());
}

Result<model::Service> add_service(Management& m, store::Transaction& tx, const Caller& caller,
                                   const NewService& request) {
    ASSIGN_OR_RETURN(const model::Project project,
                     load_project(tx, caller, Permission::WriteService, request.project));
    ASSIGN_OR_RETURN(std::string chosen_code, choose_code(tx, project.gateway_id, request.code));
    const TimeMs now = m.clock.now_ms();
    model::Service service{.id = model::ServiceId(make_id("svc")),
                           .gateway_id = project.gateway_id,
                           .project_id = project.id,
                           .code = std::move(chosen_code),
                           .created_at = now,
                           .created_by = caller.name(),
                           .updated_at = now,
                           .updated_by = caller.name()};
    model::Draft draft{.service_id = service.id,
                       .definition = request.definition,
                       .updated_at = now,
                       .updated_by = caller.name()};
    complete(draft.definition, {});
    RETURN_IF_ERROR(check_definition(m, tx, project.gateway_id, draft.definition));
    RETURN_IF_ERROR(mirror(m, tx, service, draft.definition));
    RETURN_IF_ERROR(tx.services().add(service));
    RETURN_IF_ERROR(tx.services().put_labels(service.id, draft.definition.labels));
    RETURN_IF_ERROR(tx.drafts().put(draft));
    return service;
}

Result<Written<ServiceView>> create_service(Management& m, const Caller& caller,
                                            const NewService& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Service service, add_service(m, tx, caller, request));
    RETURN_IF_ERROR(record(tx, m, caller, "service.create", subject_of(service),
                           {nullptr, model::to_json(request.definition)}));
    ASSIGN_OR_RETURN(ServiceView view, view_service(tx, service));
    RETURN_IF_ERROR(tx.commit());
    return Written<ServiceView>{std::move(view), m.publisher.revision()};
}

Result<Written<ServiceView>> clone_service(Management& m, const Caller& caller,
                                           const CloneRequest& request) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(
        LoadedCopy source,
        load_copy(tx, caller, {.service = request.service, .release = request.release}));
    source.definition.name = request.name;
    ASSIGN_OR_RETURN(
        const model::Service service,
        add_service(m, tx, caller,
                    {.definition = std::move(source.definition),
                     .code = request.code,
                     .project = request.project.value_or(source.service.project_id.str())}));
    RETURN_IF_ERROR(
        record(tx, m, caller, "service.clone", subject_of(service),
               {nullptr, {{"service", source.service.code}, {"release", source.release}}}));
    ASSIGN_OR_RETURN(ServiceView view, view_service(tx, service));
    RETURN_IF_ERROR(tx.commit());
    return Written<ServiceView>{std::move(view), m.publisher.revision()};
}

}  // namespace lintel::management
