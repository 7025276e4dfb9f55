#include <algorithm>

#include "management/apis.h"
#include "management/service_copy.h"
#include "management/steps.h"

namespace lintel::management {

Result<LoadedCopy> load_copy(store::Transaction& tx, const Caller& caller,
                             const ServiceCopy& copy) {
    ASSIGN_OR_RETURN(model::Service service,
                     load_service(tx, caller, Permission::ReadService, copy.service, {}));
    if (!copy.release) {
        ASSIGN_OR_RETURN(std::optional<model::Draft> draft, tx.drafts().find(service.id));
        if (draft) { return LoadedCopy{std::move(service), 0, std::move(draft->definition)}; }
    }
    const std::int64_t number = copy.release.value_or(service.latest_release);
    ASSIGN_OR_RETURN(model::Release release, tx.releases().get(service.id, number));
    return LoadedCopy{std::move(service), number, std::move(release.definition)};
}

Result<Page<model::ApiDefinition>> list_apis(Management& m, const Caller& caller,
                                             const ServiceCopy& copy,
                                             const std::vector<model::LabelFilter>& labels,
                                             const PageRequest& page) {
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(LoadedCopy loaded, load_copy(tx, caller, copy));
    std::vector<model::ApiDefinition>& apis = loaded.definition.apis;
    std::erase_if(apis, [&](const model::ApiDefinition& api) {
        return !std::ranges::all_of(
            labels, [&](const model::LabelFilter& label) { return label.admits(api.labels); });
    });
    std::ranges::sort(apis, {}, &model::ApiDefinition::id);
    const auto first =
        std::ranges::upper_bound(apis, model::ApiId(after), {}, &model::ApiDefinition::id);
    const auto rest = apis.end() - first;
    std::vector<model::ApiDefinition> items(
        std::make_move_iterator(first),
        std::make_move_iterator(first + std::min<std::ptrdiff_t>(rest, limit)));
    return page_of(std::move(items), page,
                   [](const model::ApiDefinition& api) { return api.id.str(); });
}

Result<ApiView> show_api(Management& m, const Caller& caller, const ServiceCopy& copy,
                         const model::ApiId& api) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const LoadedCopy loaded, load_copy(tx, caller, copy));
    const model::ApiDefinition* found = loaded.definition.find(api);
    if (found == nullptr) {
        return fail(Code::NotFound, "The service has no API '" + api.str() + "'.");
    }
    return ApiView{*found, loaded.service.version};
}

Result<std::vector<model::ApiGroup>> list_api_groups(Management& m, const Caller& caller,
                                                     const ServiceCopy& copy) {
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(LoadedCopy loaded, load_copy(tx, caller, copy));
    return std::move(loaded.definition.api_groups);
}

}  // namespace lintel::management
