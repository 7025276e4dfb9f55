// Gateways.
#include <fmt/core.h>

#include "admin/bindings.h"
#include "management/gateways.h"

namespace lintel::admin {

namespace {

Result<Answer> list_gateways(const Call& call) {
    ASSIGN_OR_RETURN(const auto list, management::list_gateways(call.management, *call.caller));
    return list_answer(list, [](const model::Gateway& gateway) { return model::to_json(gateway); });
}

Result<Answer> create_gateway(const Call& call) {
    const std::string code = call.body_text("code").value_or("");
    ASSIGN_OR_RETURN(const auto written,
                     management::create_gateway(call.management, *call.caller, code,
                                                call.body_text("name").value_or(code)));
    return Answer::written(model::to_json(written.value), written.value.version, written.revision)
        .made_at(fmt::format("/api/v1/gateways/{}", written.value.code));
}

Result<Answer> show_gateway(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::Gateway gateway,
        management::show_gateway(call.management, *call.caller, call.path_text("gateway")));
    return Answer::shown(model::to_json(gateway), gateway.version);
}

Result<Answer> edit_gateway(const Call& call) {
    ASSIGN_OR_RETURN(
        const model::Gateway gateway,
        management::rename_gateway(call.management, *call.caller, call.path_text("gateway"),
                                   call.body_text("name").value_or(""), call.expected));
    return Answer::shown(model::to_json(gateway), gateway.version);
}

Result<Answer> delete_gateway(const Call& call) {
    ASSIGN_OR_RETURN(const auto written,
                     management::delete_gateway(call.management, *call.caller,
                                                call.path_text("gateway"), call.expected));
    return Answer::gone(written.revision);
}

}  // namespace

std::vector<Binding> gateway_bindings() {
    return {
        {"listGateways", list_gateways},   {"createGateway", create_gateway},
        {"showGateway", show_gateway},     {"editGateway", edit_gateway},
        {"deleteGateway", delete_gateway},
    };
}

}  // namespace lintel::admin
