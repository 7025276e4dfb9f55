#include "management/upstream_rules.h"

namespace lintel::management {

Result<Page<model::Upstream>> list_upstreams(Management& m, const Caller& caller,
                                             const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadUpstream));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    ASSIGN_OR_RETURN(std::vector<model::Upstream> upstreams,
                     tx.upstreams().list(gateway.id, {.after = after, .limit = limit}));
    return page_of(std::move(upstreams), page,
                   [](const model::Upstream& upstream) { return upstream.name; });
}

Result<model::Upstream> show_upstream(Management& m, const Caller& caller,
                                      const std::string& upstream) {
    RETURN_IF_ERROR(caller.require(Permission::ReadUpstream));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    return load_upstream(tx, caller, upstream, {});
}

Result<UpstreamHealth> show_upstream_health(Management& m, const Caller& caller,
                                            const std::string& upstream) {
    ASSIGN_OR_RETURN(const model::Upstream found, show_upstream(m, caller, upstream));
    return m.publisher.health(found.id).value_or(UpstreamHealth());
}

}  // namespace lintel::management
