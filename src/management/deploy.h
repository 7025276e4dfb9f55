// What publish, start and roll back share: candidates are compiled before anything is written,
// deployments move together with their history. Private to management.
#pragma once

#include <string>
#include <vector>

#include "management/management.h"
#include "model/service.h"
#include "store/store.h"

namespace lintel::management {

/// The environments named by code. FieldInvalid points at an unknown one.
Result<std::vector<model::Environment>> load_targets(store::Transaction& tx,
                                                     const model::GatewayId& gateway,
                                                     const std::vector<std::string>& codes);

/// Everything that keeps the release from running in these environments, all at once;
/// PublishRefused.
Status require_runnable(Management& m, store::Transaction& tx, const model::Service& service,
                        const model::Release& release,
                        const std::vector<model::Environment>& environments);

/// Points the environment at the release, running; limits that did not change keep their origin.
Result<model::Deployment> point(Management& m, store::Transaction& tx, const Caller& caller,
                                const model::Environment& environment,
                                const model::Release& release);

Result<std::optional<model::Deployment>> find_deployment(store::Transaction& tx,
                                                         const model::ServiceId& service,
                                                         const model::EnvironmentId& environment);

struct HistoryLine {
    const model::Environment& environment;
    std::int64_t release;
    model::ReleaseAction action;
    const std::string& note;
};
Status add_history(Management& m, store::Transaction& tx, const Caller& caller,
                   const model::ServiceId& service, const HistoryLine& line);

/// FieldInvalid when the note is too long.
Status check_note(const std::string& note);

}  // namespace lintel::management
