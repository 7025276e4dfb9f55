// The steps that use cases are made of: load and check versions, require a state, audit, page.
// Private to management.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "management/management.h"
#include "management/services.h"
#include "store/store.h"

namespace lintel::management {

/// PreconditionFailed when somebody else wrote in between.
Status require_version(std::int64_t current, ExpectedVersion expected);
/// The service, at the version expected, for a caller who holds the permission in its project.
/// NotFound, as if there were none, for who does not see the project.
Result<model::Service> load_service(store::Transaction& tx, const Caller& caller,
                                    Permission permission, const std::string& id_or_code,
                                    ExpectedVersion expected);
/// StateConflict with the reason and the way out when the table of states does not allow the event.
Status require_transition(store::Transaction& tx, const model::Service& service,
                          model::ServiceEvent event);
/// A new version of the service, by this caller, now.
void touch(model::Service& service, const Caller& caller, TimeMs now);

Result<std::vector<model::Environment>> load_environments(store::Transaction& tx,
                                                          const model::GatewayId& gateway);
/// By code; NotFound names the codes there are.
Result<model::Environment> load_environment(store::Transaction& tx, const model::GatewayId& gateway,
                                            const std::string& code);
Result<ServiceView> view_service(store::Transaction& tx, const model::Service& service);

/// Whether anything of the gateway exists for the caller.
Result<bool> sees_gateway(store::Transaction& tx, const Caller& caller,
                          const model::Gateway& gateway);
/// By code; NotFound, as if there were none, for who belongs to no project of it.
Result<model::Gateway> load_gateway(store::Transaction& tx, const Caller& caller,
                                    const std::string& code);
/// The one the caller addresses; at the command line the default one.
Result<model::Gateway> gateway_of(store::Transaction& tx, const Caller& caller);
/// Of the default gateway: everybody belongs to it.
Result<model::Project> default_project(store::Transaction& tx);
/// A project by id or name, the default one when none is named, for a caller who holds the
/// permission in it. NotFound, as if there were none, for who does not see it.
Result<model::Project> load_project(store::Transaction& tx, const Caller& caller,
                                    Permission permission,
                                    const std::optional<std::string>& id_or_name);

/// A project by id in any gateway, or by name in the one addressed, for a caller who holds the
/// permission in it. NotFound, as if there were none, for who does not see it.
Result<model::Project> load_project_anywhere(store::Transaction& tx, const Caller& caller,
                                             Permission permission, const std::string& id_or_name);

/// Named in a refusal; the rest is counted.
inline constexpr int kMaxNamedServices = 5;

/// A user with what it is in projects and what is attached to it.
Result<Caller> identity_of(store::Transaction& tx, model::User user, model::ApiToken token,
                           const ClientInfo& client);

/// What an audit event is about.
struct Subject {
    std::string_view type;  ///< "service"
    std::string id;
    std::string name;
    model::ProjectId project = {};  ///< it lies in; empty: in none
};
/// What a change made of its subject; null: there was none before, or is none after.
struct Difference {
    data::Json before = nullptr;
    data::Json after = nullptr;
};
/// In the transaction of the change itself, so that neither is ever without the other. Secret
/// settings of plugins are masked; what is very long is told by its size and hash. Whoever waits
/// for events of this kind is told, once the transaction is committed.
Status record(store::Transaction& tx, Management& m, const Caller& caller, std::string_view action,
              const Subject& subject, Difference difference = {});
Subject subject_of(const model::Service& service);
Subject subject_of(const model::ApiDefinition& api, const model::Service& service);
Subject subject_of(const model::User& user);
Subject subject_of(const model::Domain& domain);
Subject subject_of(const model::Certificate& certificate);
Subject subject_of(const model::ApiToken& token);
Subject subject_of(const model::Group& group);
Subject subject_of(const model::Environment& environment);

/// FieldInvalid with one fault.
std::unexpected<Error> invalid_field(std::string pointer, std::string code, std::string detail);
/// FieldInvalid with all of them.
Error invalid_fields(std::vector<Fault> faults);

/// An opaque page token from the key of the last item, and back. QueryInvalid on a token we did not
/// make.
std::string page_token_of(std::string_view key);
Result<std::string> key_of_page_token(const PageRequest& page);
/// Checks the size; gives one more than asked for, to see whether a page follows.
Result<int> page_limit(const PageRequest& page);

/// Cuts a list fetched with page_limit() to the page, and says where the next one begins.
template <typename Item, typename KeyOf>
Page<Item> page_of(std::vector<Item> items, const PageRequest& request, KeyOf key_of) {
    Page<Item> page;
    if (items.size() > static_cast<std::size_t>(request.page_size)) {
        items.resize(static_cast<std::size_t>(request.page_size));
        page.next_page_token = page_token_of(key_of(items.back()));
    }
    page.items = std::move(items);
    return page;
}

}  // namespace lintel::management
