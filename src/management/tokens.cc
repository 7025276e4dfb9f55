#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/keys.h"
#include "management/accounts.h"
#include "management/steps.h"
#include "management/token_issue.h"
#include "model/rules.h"

namespace lintel::management {

namespace {

constexpr std::size_t kMaxTokenName = 50;
constexpr std::chrono::seconds kMinLife{60};

TimeMs in_ms(std::chrono::seconds time) {
    return std::chrono::milliseconds(time).count();
}

/// The permissions asked for, none of which the caller lacks.
Result<std::vector<std::string>> choose_permissions(const Caller& caller,
                                                    const std::vector<std::string>& wanted) {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::optional<Permission> permission = parse_permission(wanted[i]);
        if (!permission) {
            faults.push_back({data::child_pointer("/permissions", i), "permission.unknown",
                              "names the permission '" + wanted[i] + "', which does not exist"});
        } else {
            RETURN_IF_ERROR(caller.require_somewhere(*permission));
        }
    }
    if (!faults.empty()) { return fail(invalid_fields(std::move(faults))); }
    return wanted.empty() ? caller.token().permissions : wanted;
}

/// The projects asked for, all of which the caller sees.
Result<std::vector<model::ProjectId>> choose_projects(store::Transaction& tx, const Caller& caller,
                                                      const std::vector<std::string>& wanted) {
    std::vector<model::ProjectId> chosen;
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Result<model::Project> project =
            load_project_anywhere(tx, caller, Permission::ReadProject, wanted[i]);
        if (project) {
            chosen.push_back(project->id);
        } else if (project.error().code == Code::NotFound) {
            faults.push_back({data::child_pointer("/projects", i), "project.unknown",
                              "names the project '" + wanted[i] + "', which does not exist"});
        } else {
            return std::unexpected(project.error());
        }
    }
    if (!faults.empty()) { return fail(invalid_fields(std::move(faults))); }
    return wanted.empty() ? caller.token().projects : chosen;
}

/// Whose token it will be.
Result<model::User> choose_user(store::Transaction& tx, const Caller& caller,
                                const std::optional<std::string>& name) {
    if (!caller.user().id.empty()) {
        if (name && to_lower(*name) != caller.name()) {
            return fail(Code::PermissionDenied,
                        "You can create tokens for yourself only; use 'lintel token create' on "
                        "the machine for others.");
        }
        return caller.user();
    }
    ASSIGN_OR_RETURN(std::optional<model::User> user,
                     tx.users().find_by_name(to_lower(name.value_or(""))));
    if (!user) {
        return fail(Code::NotFound, "There is no user '" + name.value_or("") +
                                        "'; create one with 'lintel admin create'.");
    }
    return *std::move(user);
}

Result<std::chrono::seconds> choose_life(const Settings& settings,
                                         const std::optional<std::chrono::seconds>& wanted) {
    const std::chrono::seconds life = wanted.value_or(settings.token_life);
    if (life < kMinLife || life > settings.token_life_max) {
        return invalid_field(
            "/life", "token.life",
            "must be from 60 to " + std::to_string(settings.token_life_max.count()) + " seconds");
    }
    return life;
}

}  // namespace

std::string token_sha256(std::string_view text) {
    return to_hex(crypto::sha256(text));
}

Result<IssuedToken> issue_token(Management& m, store::Transaction& tx, const model::User& user,
                                const TokenPlan& plan) {
    const TimeMs now = m.clock.now_ms();
    IssuedToken issued{.text = crypto::make_token("lt_"),
                       .token = {.id = model::ApiTokenId(make_id("tok")),
                                 .user_id = user.id,
                                 .kind = plan.kind,
                                 .name = plan.name,
                                 .sha256 = {},
                                 .permissions = plan.permissions,
                                 .projects = plan.projects,
                                 .created_at = now,
                                 .expires_at = now + in_ms(plan.life)},
                       .user = user};
    issued.token.sha256 = token_sha256(issued.text.reveal());
    RETURN_IF_ERROR(tx.tokens().add(issued.token));
    return issued;
}

Result<IssuedToken> open_session(Management& m, store::Transaction& tx, const model::User& user) {
    return issue_token(m, tx, user,
                       {.kind = model::ApiToken::Kind::Session,
                        .name = "session",
                        .permissions = {},
                        .projects = {},
                        .life = m.settings.session_life});
}

Result<IssuedToken> create_token(Management& m, const Caller& caller, const NewToken& request) {
    RETURN_IF_ERROR(caller.require(Permission::WriteToken));
    if (trim(request.name).empty() || model::character_count(request.name) > kMaxTokenName) {
        return invalid_field("/name", "field.length", "must have 1 to 50 characters");
    }
    ASSIGN_OR_RETURN(const std::chrono::seconds life, choose_life(m.settings, request.life));
    ASSIGN_OR_RETURN(std::vector<std::string> permissions,
                     choose_permissions(caller, request.permissions));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const model::User user, choose_user(tx, caller, request.user));
    ASSIGN_OR_RETURN(std::vector<model::ProjectId> projects,
                     choose_projects(tx, caller, request.projects));
    RETURN_IF_ERROR(tx.tokens().remove_expired(m.clock.now_ms()));
    ASSIGN_OR_RETURN(IssuedToken issued, issue_token(m, tx, user,
                                                     {.kind = model::ApiToken::Kind::Api,
                                                      .name = request.name,
                                                      .permissions = std::move(permissions),
                                                      .projects = std::move(projects),
                                                      .life = life}));
    RETURN_IF_ERROR(record(tx, m, caller, "token.create", subject_of(issued.token),
                           {nullptr, model::to_json(issued.token)}));
    RETURN_IF_ERROR(tx.commit());
    return issued;
}

Result<Page<model::ApiToken>> list_tokens(Management& m, const Caller& caller,
                                          const PageRequest& page) {
    RETURN_IF_ERROR(caller.require(Permission::ReadToken));
    ASSIGN_OR_RETURN(const std::string after, key_of_page_token(page));
    ASSIGN_OR_RETURN(const int limit, page_limit(page));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.read());
    ASSIGN_OR_RETURN(
        std::vector<model::ApiToken> tokens,
        tx.tokens().list(caller.user().id, m.clock.now_ms(), {.after = after, .limit = limit}));
    return page_of(std::move(tokens), page,
                   [](const model::ApiToken& token) { return token.id.str(); });
}

Result<model::ApiToken> revoke_token(Management& m, const Caller& caller,
                                     const model::ApiTokenId& id) {
    RETURN_IF_ERROR(caller.require(Permission::WriteToken));
    ASSIGN_OR_RETURN(store::Transaction tx, m.store.begin());
    ASSIGN_OR_RETURN(const std::optional<model::ApiToken> token, tx.tokens().find(id));
    const bool may_revoke =
        token && (caller.user().id.empty() || token->user_id == caller.user().id);
    if (!may_revoke) { return fail(Code::NotFound, "You have no token '" + id.str() + "'."); }
    RETURN_IF_ERROR(tx.tokens().remove(id));
    RETURN_IF_ERROR(
        record(tx, m, caller, "token.revoke", subject_of(*token), {model::to_json(*token)}));
    RETURN_IF_ERROR(tx.commit());
    return *token;
}

}  // namespace lintel::management
