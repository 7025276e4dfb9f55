#include "management/batch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "management/releases.h"
#include "management/steps.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxBatchServices = 50;
constexpr std::array<std::pair<std::string_view, BatchAction>, 4> kBatchActions{
    {{"publish", BatchAction::Publish},
     {"stop", BatchAction::Stop},
     {"start", BatchAction::Start},
     {"delete", BatchAction::Delete}}};

Status check_batch(const BatchRequest& request) {
    if (request.services.empty() || request.services.size() > kMaxBatchServices) {
        return invalid_field("/services", "field.count", "must name 1 to 50 services");
    }
    const bool needs_environments =
        request.action == BatchAction::Publish || request.action == BatchAction::Start;
    if (needs_environments && request.environments.empty()) {
        return invalid_field("/environments", "field.required", "is required to publish or start");
    }
    if (request.action == BatchAction::Delete && !request.environments.empty()) {
        return invalid_field("/environments", "field.forbidden",
                             "is not for delete: a service goes from everywhere");
    }
    return {};
}

template <typename Value>
Status forget(const Result<Value>& result) {
    return result ? Status() : fail(result.error());
}

Status run_for(Management& m, const Caller& caller, const BatchRequest& request,
               const std::string& service) {
    const DeploymentRequest deployment{
        .service = service, .environments = request.environments, .note = request.note};
    switch (request.action) {
        case BatchAction::Publish:
            return forget(publish(
                m, caller,
                {.service = service, .environments = request.environments, .note = request.note}));
        case BatchAction::Stop: return forget(stop(m, caller, deployment));
        case BatchAction::Start: return forget(start(m, caller, deployment));
        case BatchAction::Delete: break;
    }
    return forget(delete_service(m, caller, service, std::nullopt));
}

}  // namespace

std::optional<BatchAction> parse_batch_action(std::string_view text) {
    const auto* const found =
        std::ranges::find(kBatchActions, text, &decltype(kBatchActions)::value_type::first);
    return found == kBatchActions.end() ? std::nullopt : std::optional(found->second);
}

Result<Written<std::vector<BatchItem>>> run_batch(Management& m, const Caller& caller,
                                                  const BatchRequest& request) {
    RETURN_IF_ERROR(caller.require_somewhere(request.action == BatchAction::Delete
                                                 ? Permission::DeleteService
                                                 : Permission::PublishService));
    RETURN_IF_ERROR(check_batch(request));
    std::vector<BatchItem> items;
    for (const std::string& service : request.services) {
        const Status done = run_for(m, caller, request, service);
        items.push_back({service, done ? std::nullopt : std::optional(done.error())});
    }
    return Written<std::vector<BatchItem>>{std::move(items), m.publisher.revision()};
}

}  // namespace lintel::management
