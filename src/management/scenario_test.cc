#include "management/scenario_test.h"

#include <algorithm>

#include "management/audit.h"

namespace lintel::management {

namespace {

model::KindInfo kind(model::Family family, std::string name, std::string phase,
                     std::string_view schema) {
    return {.family = family,
            .name = std::move(name),
            .phase = std::move(phase),
            .schema = data::parse_json(schema).value()};
}

std::vector<model::KindInfo> all_kinds() {
    using model::Family;
    constexpr std::string_view kAnything = R"({"type": "object"})";
    return {kind(Family::Policy, "rate_limit", "limit",
                 R"({"type": "object", "additionalProperties": false, "required": ["limit"],
                 "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": 1000},
                                "unit": {"enum": ["second", "minute"], "default": "second"}}})"),
            kind(Family::Policy, "ip_access", "access", kAnything),
            kind(Family::Auth, "none", "authenticate", kAnything),
            kind(Family::Auth, "basic", "authenticate", kAnything),
            kind(Family::Auth, "oauth2", "authenticate", kAnything),
            kind(Family::Auth, "hmac", "authenticate", kAnything),
            kind(Family::Backend, "http", "backend",
                 R"({"type": "object", "required": ["url"],
                 "properties": {"token": {"type": "string", "x-secret": true},
                                "upstream": {"type": "string", "x-refers-to": "upstream"}}})"),
            kind(Family::Backend, "mock", "backend", kAnything)};
}

}  // namespace

void Scenario::SetUp() {
    store_ = store::Store::open({directory_.path()}, key_, clock_).value();
    kinds_ = std::make_unique<Kinds>(Kinds::build(all_kinds()).value());
    m_ = std::make_unique<Management>(Management{.store = *store_,
                                                 .publisher = publisher_,
                                                 .clock = clock_,
                                                 .kinds = *kinds_,
                                                 .guard = guard_,
                                                 .settings = {}});
}

model::ApiDefinition Scenario::api(const std::string& name, const std::string& path,
                                   model::Method method) {
    model::ApiDefinition definition;
    definition.name = name;
    definition.path = path;
    definition.method = method;
    definition.backend.kind = "mock";
    return definition;
}

ServiceView Scenario::create_pets(const std::string& code) {
    NewService request{.definition = {}, .code = code};
    request.definition.name = "Name of " + code;
    request.definition.apis = {api("List pets", "/pets")};
    const auto created = create_service(*m_, caller_, request);
    EXPECT_TRUE(created) << created.error().message;
    return created->value;
}

PublishResult Scenario::publish_pets(const std::vector<std::string>& environments) {
    const auto published = publish(*m_, caller_, {.service = "pets", .environments = environments});
    EXPECT_TRUE(published) << published.error().message;
    return published->value;
}

std::size_t Scenario::audited(const std::string& action) {
    return list_audit_events(*m_, caller_, {.action = action}, {.page_size = 500})->items.size();
}

ServedCredentials Scenario::served(const std::optional<model::CredentialOwner>& owner) const {
    ServedCredentials served;
    EXPECT_TRUE(load_credentials(
        *store_, owner,
        {.credential =
             [&](model::Credential credential) {
                 served.credentials.push_back(std::move(credential));
             },
         .grant = [&](model::Grant grant) { served.grants.push_back(std::move(grant)); }}));
    return served;
}

std::vector<PublishedService> Scenario::running() const {
    std::vector<PublishedService> services;
    EXPECT_TRUE(load_published(
        *store_,
        {.base = [](const PublishedBase&) {},
         .service = [&](PublishedService service) { services.push_back(std::move(service)); }}));
    return services;
}

Caller Scenario::with_permissions(std::vector<std::string> permissions) const {
    model::User user;
    user.id = model::UserId("usr_1");
    user.name = "somebody";
    user.is_system_admin = true;
    model::ApiToken token;
    token.id = model::ApiTokenId("tok_1");
    token.permissions = std::move(permissions);
    return {user, token, {}, {}};
}

bool has_fault(const Error& error, std::string_view pointer, std::string_view code) {
    return std::ranges::any_of(error.faults, [&](const Fault& fault) {
        return fault.pointer == pointer && fault.code == code;
    });
}

}  // namespace lintel::management
