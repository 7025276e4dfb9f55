// Call credentials of services and subscription credentials of users: the same operations, with or
// without a service in the path.
#include "admin/bindings.h"

#include <fmt/core.h>

#include "admin/credential_body.h"

namespace lintel::admin {

namespace {

using data::Json;

/// Empty: the caller's own credentials are meant.
std::string service_of(const Call& call) {
    return std::string(data::find_string(call.path, "service"));
}

management::CredentialRef ref_of(const Call& call) {
    return {.service = service_of(call),
            .credential = model::CredentialId(call.path_text("credential"))};
}

/// The credential with `key_pairs`, which hold what the caller may see now.
Json with_secrets(const model::Credential& credential) {
    Json json = model::to_json(credential);
    json["key_pairs"] = model::secrets_to_json(credential);
    return json;
}

Result<model::HmacOptions> read_hmac_options(const Json& body, const std::string& pointer) {
    const Json* options = data::find(body, "hmac_options");
    if (options == nullptr) { return model::HmacOptions{}; }
    return model::hmac_options_from_json(*options, pointer + "/hmac_options");
}

std::optional<Secret> read_secret(const Json& object) {
    const std::string_view text = data::find_string(object, "secret");
    return text.empty() ? std::nullopt : std::optional<Secret>(Secret(text));
}

Result<Answer> list_credentials(const Call& call) {
    const management::CredentialFilter filter{.service = service_of(call),
                                              .of_all_users = call.query_flag("all"),
                                              .text = call.query_text("q").value_or("")};
    ASSIGN_OR_RETURN(const auto page, management::list_credentials(call.management, *call.caller,
                                                                   filter, call.page()));
    return page_answer(
        page, [](const model::Credential& credential) { return model::to_json(credential); });
}

}  // namespace

Result<management::NewCredential> read_new_credential(const Json& body,
                                                      const std::string& pointer) {
    management::NewCredential request{
        .name = std::string(data::find_string(body, "name")),
        .description = std::string(data::find_string(body, "description"))};
    if (const Json* attributes = data::find(body, "attributes")) {
        request.attributes = model::attributes_from_json(*attributes);
    }
    if (const Json* pairs = data::find(body, "key_pairs")) {
        for (const model::KeyPairType type : model::kKeyPairTypes) {
            const Json* given = data::find(*pairs, model::name(type));
            if (given == nullptr) { continue; }
            management::GivenPair& pair = request.pairs[type];
            const std::string_view key = data::find_string(*given, "key");
            if (!key.empty()) { pair.key = std::string(key); }
            pair.secret = read_secret(*given);
        }
    }
    ASSIGN_OR_RETURN(request.hmac_options, read_hmac_options(body, pointer));
    return request;
}

namespace {

Result<Answer> create_credential(const Call& call) {
    ASSIGN_OR_RETURN(management::NewCredential request, read_new_credential(call.body, ""));
    request.service = service_of(call);
    ASSIGN_OR_RETURN(const auto written,
                     management::create_credential(call.management, *call.caller, request));
    const std::string place = request.service.empty()
                                  ? std::string("subscription-credentials")
                                  : fmt::format("services/{}/credentials", request.service);
    Answer answer =
        Answer::created(with_secrets(written.value),
                        fmt::format("{}/{}/{}", call.gateway_path(), place, written.value.id.str()),
                        written.revision);
    answer.version = written.value.version;
    return answer;
}

Result<Answer> show_credential(const Call& call) {
    ASSIGN_OR_RETURN(const model::Credential credential,
                     management::show_credential(call.management, *call.caller, ref_of(call)));
    return Answer::shown(model::to_json(credential), credential.version);
}

Result<Answer> reveal_credential(const Call& call) {
    ASSIGN_OR_RETURN(const model::Credential credential,
                     management::reveal_credential(call.management, *call.caller, ref_of(call)));
    return Answer::shown(with_secrets(credential));
}

Result<Answer> edit_credential(const Call& call) {
    management::CredentialEdit edit{.name = call.body_text("name"),
                                    .description = call.body_text("description")};
    if (const Json* attributes = data::find(call.body, "attributes")) {
        for (const auto& attribute : attributes->items()) {
            edit.attributes[attribute.key()] =
                attribute.value().is_null() ? std::nullopt
                                            : std::optional(attribute.value().get<std::string>());
        }
    }
    if (data::find(call.body, "hmac_options") != nullptr) {
        ASSIGN_OR_RETURN(edit.hmac_options, read_hmac_options(call.body, ""));
    }
    if (const auto status = call.body_text("status")) {
        edit.status = *status == "enabled" ? model::CredentialStatus::Enabled
                                           : model::CredentialStatus::Disabled;
    }
    ASSIGN_OR_RETURN(const auto written,
                     management::edit_credential(call.management, *call.caller, ref_of(call), edit,
                                                 call.expected));
    return Answer::written(model::to_json(written.value), written.value.version, written.revision);
}

/// The contract knows no other types.
model::KeyPairType type_of(const Call& call) {
    return model::parse_key_pair_type(call.body_text("type").value_or(""))
        .value_or(model::KeyPairType::Basic);
}

Result<Answer> reset_key_pair(const Call& call) {
    const management::KeyPairReset reset{
        .type = type_of(call),
        .secret = read_secret(call.body),
        .overlap = std::chrono::seconds(call.body_integer("overlap_s").value_or(0))};
    ASSIGN_OR_RETURN(const auto written, management::reset_key_pair(call.management, *call.caller,
                                                                    ref_of(call), reset));
    return Answer::written(with_secrets(written.value), written.value.version, written.revision);
}

Result<Answer> end_overlap(const Call& call) {
    ASSIGN_OR_RETURN(const auto written, management::end_overlap(call.management, *call.caller,
                                                                 ref_of(call), type_of(call)));
    return Answer::written(model::to_json(written.value), written.value.version, written.revision);
}

Result<Answer> delete_credential(const Call& call) {
    ASSIGN_OR_RETURN(
        const auto written,
        management::delete_credential(call.management, *call.caller, ref_of(call), call.expected));
    return Answer::gone(written.revision);
}

}  // namespace

std::vector<Binding> credential_bindings() {
    return {
        {"listCredentials", list_credentials},
        {"createCredential", create_credential},
        {"showCredential", show_credential},
        {"editCredential", edit_credential},
        {"deleteCredential", delete_credential},
        {"revealCredential", reveal_credential},
        {"resetKeyPair", reset_key_pair},
        {"endOverlap", end_overlap},
        {"listSubscriptionCredentials", list_credentials},
        {"createSubscriptionCredential", create_credential},
        {"showSubscriptionCredential", show_credential},
        {"editSubscriptionCredential", edit_credential},
        {"deleteSubscriptionCredential", delete_credential},
        {"revealSubscriptionCredential", reveal_credential},
        {"resetSubscriptionKeyPair", reset_key_pair},
        {"endSubscriptionOverlap", end_overlap},
    };
}

}  // namespace lintel::admin
