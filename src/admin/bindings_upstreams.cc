// Upstreams, their servers and their health.
#include "admin/bindings.h"

#include <fmt/core.h>

#include "management/upstreams.h"

namespace lintel::admin {

namespace {

using data::Json;

management::ServerRef server_ref(const Call& call) {
    return {.upstream = call.path_text("upstream"), .address = call.path_text("server")};
}

Answer upstream_answer(const management::Written<model::Upstream>& written) {
    return Answer::written(model::to_json(written.value), written.value.version, written.revision);
}

std::string path_of(const Call& call, const model::Upstream& upstream) {
    return fmt::format("{}/upstreams/{}", call.gateway_path(), upstream.name);
}

/// Leaves out what there is not: a server that was never checked has no result of a check.
Json to_json(const management::ServerHealth& server) {
    Json json{{"address", server.address}, {"available", server.available}};
    if (server.passes_checks) { json["passes_checks"] = *server.passes_checks; }
    if (!server.last_check.empty()) {
        json["last_check"] = server.last_check;
        json["last_check_ms_ago"] = server.last_check_ms_ago;
    }
    json["ejected_for_ms"] = server.ejected_for_ms;
    json["ejections"] = server.ejections;
    if (!server.last_failure.empty()) { json["last_failure"] = server.last_failure; }
    json["in_flight"] = server.in_flight;
    json["calls"] = server.calls;
    json["failures"] = server.failures;
    return json;
}

Result<Answer> list_upstreams(const Call& call) {
    ASSIGN_OR_RETURN(const auto page,
                     management::list_upstreams(call.management, *call.caller, call.page()));
    return page_answer(page, [](const model::Upstream& item) { return model::to_json(item); });
}

Result<Answer> create_upstream(const Call& call) {
    ASSIGN_OR_RETURN(const model::Upstream wanted, model::upstream_from_json(call.body));
    ASSIGN_OR_RETURN(const auto written,
                     management::create_upstream(call.management, *call.caller, wanted));
    return upstream_answer(written).made_at(path_of(call, written.value));
}

Result<Answer> show_upstream(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::Upstream upstream,
        management::show_upstream(call.management, *call.caller, call.path_text("upstream")));
    return Answer::shown(model::to_json(upstream), upstream.version);
}

Result<Answer> replace_upstream(const Call& call) {
    ASSIGN_OR_RETURN(const model::Upstream wanted, model::upstream_from_json(call.body));
    ASSIGN_OR_RETURN(const auto written, management::replace_upstream(call.management, *call.caller,
                                                                      call.path_text("upstream"),
                                                                      wanted, call.expected));
    return upstream_answer(written);
}

Result<Answer> delete_upstream(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::delete_upstream(call.management, *call.caller,
                                                 call.path_text("upstream"), call.expected));
    return Answer::gone(written.revision);
}

Result<Answer> show_upstream_health(const Call& call) {
    ASSIGN_OR_RETURN(const management::UpstreamHealth health,
                     management::show_upstream_health(call.management, *call.caller,
                                                      call.path_text("upstream")));
    Json servers = Json::array();
    for (const management::ServerHealth& server : health.servers) {
        servers.push_back(to_json(server));
    }
    Json json{{"available", health.available}};
    if (!health.breaker.empty()) { json["breaker"] = health.breaker; }
    json["servers"] = std::move(servers);
    return Answer::shown(std::move(json));
}

Result<Answer> add_upstream_server(const Call& call) {
    ASSIGN_OR_RETURN(const model::UpstreamServer server,
                     model::upstream_server_from_json(call.body));
    ASSIGN_OR_RETURN(const auto written,
                     management::add_upstream_server(call.management, *call.caller,
                                                     call.path_text("upstream"), server));
    return upstream_answer(written).made_at(
        fmt::format("{}/servers/{}", path_of(call, written.value), server.address));
}

Result<Answer> edit_upstream_server(const Call& call) {
    management::ServerEdit edit{.weight = call.body_integer("weight")};
    for (const auto& [name, member] :
         {std::pair("backup", &edit.backup), std::pair("enabled", &edit.enabled)}) {
        if (const Json* given = data::find(call.body, name)) { *member = given->get<bool>(); }
    }
    ASSIGN_OR_RETURN(const auto written,
                     management::edit_upstream_server(call.management, *call.caller,
                                                      server_ref(call), edit, call.expected));
    return upstream_answer(written);
}

Result<Answer> remove_upstream_server(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::remove_upstream_server(call.management, *call.caller,
                                                        server_ref(call), call.expected));
    Answer answer = Answer::gone(written.revision);
    answer.version = written.value.version;
    return answer;
}

}  // namespace

std::vector<Binding> upstream_bindings() {
    return {
        {"listUpstreams", list_upstreams},
        {"createUpstream", create_upstream},
        {"showUpstream", show_upstream},
        {"replaceUpstream", replace_upstream},
        {"deleteUpstream", delete_upstream},
        {"showUpstreamHealth", show_upstream_health},
        {"addUpstreamServer", add_upstream_server},
        {"editUpstreamServer", edit_upstream_server},
        {"removeUpstreamServer", remove_upstream_server},
    };
}

}  // namespace lintel::admin
