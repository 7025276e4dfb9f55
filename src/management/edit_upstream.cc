#include <algorithm>

#include "base/text.h"
#include "management/upstream_rules.h"

namespace lintel::management {

namespace {

std::uint64_t refresh_upstreams(Management& m) {
    return m.publisher.refresh({.kind = Change::Kind::Upstreams});
}

void touch(model::Upstream& upstream, const Caller& caller, TimeMs now) {
    ++upstream.version;
    upstream.updated_at = now;
    upstream.updated_by = caller.name();
}

/// Checks, writes and records a changed upstream, and has it served.
Result<Written<model::Upstream>> write(Management& m, store::Transaction& tx, const Caller& caller,
                                       std::string_view action, const model::Upstream& before,
                                       model::Upstream after) {
    RETURN_IF_ERROR(check_upstream(m, after));
    touch(after, caller, m.clock.now_ms());
    RETURN_IF_ERROR(tx.upstreams().save(after));
    RETURN_IF_ERROR(record(tx, m, caller, action, subject_of(after),
                           {model::to_json(before), model::to_json(after)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Upstream>{std::move(after), refresh_upstreams(m)};
}

Result<model::UpstreamServer*> find_server(model::Upstream& upstream, const std::string& address) {
    model::UpstreamServer* server = upstream.find(address);
    if (server != nullptr) { return server; }
    return fail(Code::NotFound,
                "The upstream '" + upstream.name + "' has no server '" + address + "'.");
}

Status require_room(store::Transaction& tx, const model::Gateway& gateway) {
    ASSIGN_OR_RETURN(const std::int64_t count, tx.upstreams().count(gateway.id));
    if (count < kMaxUpstreams) { return {}; }
    return fail(Code::StateConflict, "There are " + std::to_string(count) +
                                         " upstreams already, as many as a gateway "
                                         "may have; delete one that is not used.");
}

}  // namespace

Result<Written<model::Upstream>> create_upstream(Management& m, const Caller& caller,
                                                 const model::Upstream& wanted) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUpstream));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Gateway gateway, gateway_of(tx, caller));
    RETURN_IF_ERROR(require_room(tx, gateway));
    model::Upstream upstream = wanted;
    upstream.id = model::UpstreamId(make_id("ups"));
    upstream.gateway_id = gateway.id;
    upstream.version = 1;
    upstream.created_at = upstream.updated_at = m.clock.now_ms();
    upstream.created_by = upstream.updated_by = caller.name();
    RETURN_IF_ERROR(check_upstream(m, upstream));
    ASSIGN_OR_RETURN(const auto holder, tx.upstreams().find(gateway.id, upstream.name));
    if (holder) {
        return fail({.code = Code::NameTaken,
                     .message = "Another upstream is named '" + upstream.name + "'.",
                     .faults = {{"/name", "name.taken", "is the name of another upstream"}}});
    }
    RETURN_IF_ERROR(tx.upstreams().add(upstream));
    RETURN_IF_ERROR(record(tx, m, caller, "upstream.create", subject_of(upstream),
                           {nullptr, model::to_json(upstream)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Upstream>{std::move(upstream), refresh_upstreams(m)};
}

Result<Written<model::Upstream>> replace_upstream(Management& m, const Caller& caller,
                                                  const std::string& upstream,
                                                  const model::Upstream& wanted,
                                                  ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUpstream));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Upstream before, load_upstream(tx, caller, upstream, expected));
    if (!wanted.name.empty() && wanted.name != before.name) {
        return invalid_field("/name", "upstream.name_fixed",
                             "cannot change, because backends call the upstream by it; create "
                             "another one");
    }
    model::Upstream after = before;
    after.description = wanted.description;
    after.servers = wanted.servers;
    after.settings = wanted.settings;
    return write(m, tx, caller, "upstream.edit", before, std::move(after));
}

Result<Written<model::Upstream>> delete_upstream(Management& m, const Caller& caller,
                                                 const std::string& upstream,
                                                 ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUpstream));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(model::Upstream found, load_upstream(tx, caller, upstream, expected));
    RETURN_IF_ERROR(require_unused(m, tx, found));
    RETURN_IF_ERROR(tx.upstreams().remove(found.id));
    RETURN_IF_ERROR(
        record(tx, m, caller, "upstream.delete", subject_of(found), {model::to_json(found)}));
    RETURN_IF_ERROR(tx.commit());
    return Written<model::Upstream>{std::move(found), refresh_upstreams(m)};
}

Result<Written<model::Upstream>> add_upstream_server(Management& m, const Caller& caller,
                                                     const std::string& upstream,
                                                     const model::UpstreamServer& server) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUpstream));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Upstream before, load_upstream(tx, caller, upstream, {}));
    if (before.find(server.address) != nullptr) {
        return fail({.code = Code::NameTaken,
                     .message = "The upstream has the server '" + server.address + "' already.",
                     .faults = {{"/address", "server.taken", "is a server of the upstream"}}});
    }
    model::Upstream after = before;
    after.servers.push_back(server);
    return write(m, tx, caller, "upstream.add_server", before, std::move(after));
}

Result<Written<model::Upstream>> edit_upstream_server(Management& m, const Caller& caller,
                                                      const ServerRef& ref, const ServerEdit& edit,
                                                      ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUpstream));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Upstream before,
                     load_upstream(tx, caller, ref.upstream, expected));
    model::Upstream after = before;
    ASSIGN_OR_RETURN(model::UpstreamServer* const server, find_server(after, ref.address));
    server->weight = edit.weight.value_or(server->weight);
    server->backup = edit.backup.value_or(server->backup);
    server->enabled = edit.enabled.value_or(server->enabled);
    return write(m, tx, caller, "upstream.edit_server", before, std::move(after));
}

Result<Written<model::Upstream>> remove_upstream_server(Management& m, const Caller& caller,
                                                        const ServerRef& ref,
                                                        ExpectedVersion expected) {
    RETURN_IF_ERROR(caller.require(Permission::WriteUpstream));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::Upstream before,
                     load_upstream(tx, caller, ref.upstream, expected));
    model::Upstream after = before;
    RETURN_IF_ERROR(find_server(after, ref.address));
    std::erase_if(after.servers, [&](const model::UpstreamServer& server) {
        return server.address == ref.address;
    });
    return write(m, tx, caller, "upstream.remove_server", before, std::move(after));
}

}  // namespace lintel::management
