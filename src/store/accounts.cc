#include "store/accounts.h"

#include "store/documents.h"
#include "store/rows.h"
#include "store/text_search.h"

namespace lintel::store {

namespace {

constexpr std::string_view kUserColumns =
    "id, name, display_name, email, is_system_admin, is_root, enabled, password_hash, version,"
    " created_at, mail_notifications";
constexpr std::string_view kTokenColumns =
    "id, user_id, kind, name, sha256, permissions, projects, created_at, expires_at";

model::User to_user(const sql::Row& row) {
    return {.id = model::UserId(row.text(0)),
            .name = row.text(1),
            .display_name = row.text(2),
            .email = row.text(3),
            .is_system_admin = row.flag(4),
            .is_root = row.flag(5),
            .enabled = row.flag(6),
            .mail_notifications = row.flag(10),
            .password_hash = row.text(7),
            .version = row.integer(8),
            .created_at = row.integer(9)};
}

Result<model::ApiToken> to_token(const sql::Row& row) {
    ASSIGN_OR_RETURN(const data::Json permissions,
                     read_document(row.text(5), "token " + row.text(0)));
    ASSIGN_OR_RETURN(const data::Json projects, read_document(row.text(6), "token " + row.text(0)));
    model::ApiToken token{.id = model::ApiTokenId(row.text(0)),
                          .user_id = model::UserId(row.text(1)),
                          .kind = row.text(2) == "session" ? model::ApiToken::Kind::Session
                                                           : model::ApiToken::Kind::Api,
                          .name = row.text(3),
                          .sha256 = row.text(4),
                          .permissions = {},
                          .projects = {},
                          .created_at = row.integer(7),
                          .expires_at = row.integer(8)};
    for (const data::Json& permission : permissions) {
        if (permission.is_string()) { token.permissions.push_back(permission.get<std::string>()); }
    }
    for (const data::Json& project : projects) {
        if (project.is_string()) { token.projects.emplace_back(project.get<std::string>()); }
    }
    return token;
}

Result<std::optional<model::ApiToken>> to_optional_token(const std::optional<sql::Row>& row) {
    if (!row) { return std::optional<model::ApiToken>(); }
    ASSIGN_OR_RETURN(model::ApiToken token, to_token(*row));
    return std::optional(std::move(token));
}

std::optional<model::User> to_optional_user(const std::optional<sql::Row>& row) {
    return row ? std::optional(to_user(*row)) : std::nullopt;
}

}  // namespace

Status Users::add(const model::User& user) {
    RETURN_IF_ERROR(
        tx_.execute("INSERT INTO users (id, name, display_name, email, is_system_admin, is_root,"
                    " enabled, password_hash, version, created_at, mail_notifications)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                    {user.id.str(), user.name, user.display_name, user.email, user.is_system_admin,
                     user.is_root, user.enabled, user.password_hash, user.version, user.created_at,
                     user.mail_notifications}));
    return {};
}

Status Users::save(const model::User& user) {
    RETURN_IF_ERROR(
        tx_.execute("UPDATE users SET display_name = $2, email = $3, is_system_admin = $4,"
                    " enabled = $5, version = $6, mail_notifications = $7 WHERE id = $1",
                    {user.id.str(), user.display_name, user.email, user.is_system_admin,
                     user.enabled, user.version, user.mail_notifications}));
    return {};
}

Status Users::save_password_hash(const model::UserId& id, const std::string& hash) {
    RETURN_IF_ERROR(
        tx_.execute("UPDATE users SET password_hash = $2 WHERE id = $1", {id.str(), hash}));
    return {};
}

Result<std::optional<model::User>> Users::find_by_name(const std::string& name) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT " + std::string(kUserColumns) + " FROM users WHERE name = $1",
                      {name}));
    return to_optional_user(row);
}

Result<std::optional<model::User>> Users::find(const model::UserId& id) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT " + std::string(kUserColumns) + " FROM users WHERE id = $1",
                      {id.str()}));
    return to_optional_user(row);
}

Result<std::optional<model::User>> Users::find_any(const std::string& id_or_name) {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT " + std::string(kUserColumns) +
                                       " FROM users WHERE id = $1 OR name = $1 LIMIT 1",
                                   {id_or_name}));
    return to_optional_user(row);
}

Result<bool> Users::any() {
    ASSIGN_OR_RETURN(const std::optional<sql::Row> row,
                     tx_.query_one("SELECT 1 FROM users LIMIT 1"));
    return row.has_value();
}

Status Users::remove(const model::UserId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM users WHERE id = $1", {id.str()}));
    changes_.add({.kind = model::Change::Kind::Credentials, .user_id = id});
    return {};
}

Result<std::vector<model::User>> Users::list(const std::string& text, const IdPage& page) {
    Where where;
    if (!text.empty()) {
        const std::string pattern = where.placeholder(like_pattern(text));
        where.add("(LOWER(name) LIKE " + pattern + " ESCAPE '\\' OR LOWER(display_name) LIKE " +
                  pattern + " ESCAPE '\\' OR LOWER(email) LIKE " + pattern + " ESCAPE '\\')");
    }
    if (!page.after.empty()) { where.add("name > ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT " + std::string(kUserColumns) + " FROM users" +
                                   where.text() + " ORDER BY name LIMIT " + limit,
                               where.values()));
    return mapped(rows, to_user);
}

Result<std::vector<model::User>> Users::mailed_about(const model::ProjectId& project, int limit) {
    ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        tx_.query("SELECT " + std::string(kUserColumns) +
                      " FROM users WHERE enabled AND mail_notifications AND email <> ''"
                      " AND (is_system_admin"
                      " OR id IN (SELECT user_id FROM memberships WHERE project_id = $1"
                      " AND role = 'admin')"
                      " OR id IN (SELECT user_id FROM user_access_policies))"
                      " ORDER BY name LIMIT $2",
                  {project.str(), std::int64_t{limit}}));
    return mapped(rows, to_user);
}

Status Tokens::add(const model::ApiToken& token) {
    data::Json projects = data::Json::array();
    for (const model::ProjectId& project : token.projects) {
        projects.push_back(project.str());
    }
    RETURN_IF_ERROR(tx_.execute(
        "INSERT INTO tokens (id, user_id, kind, name, sha256, permissions, projects, created_at,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {token.id.str(), token.user_id.str(),
         std::string(token.kind == model::ApiToken::Kind::Session ? "session" : "api"), token.name,
         token.sha256, data::dump(data::Json(token.permissions)), data::dump(projects),
         token.created_at, token.expires_at}));
    return {};
}

Result<std::optional<model::ApiToken>> Tokens::find_by_sha256(const std::string& sha256) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT " + std::string(kTokenColumns) + " FROM tokens WHERE sha256 = $1",
                      {sha256}));
    return to_optional_token(row);
}

Result<std::optional<model::ApiToken>> Tokens::find(const model::ApiTokenId& id) {
    ASSIGN_OR_RETURN(
        const std::optional<sql::Row> row,
        tx_.query_one("SELECT " + std::string(kTokenColumns) + " FROM tokens WHERE id = $1",
                      {id.str()}));
    return to_optional_token(row);
}

Status Tokens::remove(const model::ApiTokenId& id) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM tokens WHERE id = $1", {id.str()}));
    return {};
}

Status Tokens::remove_expired(TimeMs now) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM tokens WHERE expires_at <= $1", {now}));
    return {};
}

Status Tokens::remove_of(const model::UserId& user) {
    RETURN_IF_ERROR(tx_.execute("DELETE FROM tokens WHERE user_id = $1", {user.str()}));
    return {};
}

Status Tokens::remove_sessions_of(const model::UserId& user, const model::ApiTokenId& except) {
    RETURN_IF_ERROR(
        tx_.execute("DELETE FROM tokens WHERE user_id = $1 AND kind = 'session' AND id <> $2",
                    {user.str(), except.str()}));
    return {};
}

Result<std::vector<model::ApiToken>> Tokens::list(const model::UserId& user, TimeMs now,
                                                  const IdPage& page) {
    Where where;
    where.add("user_id = ", user.str());
    where.add("expires_at > ", now);
    if (!page.after.empty()) { where.add("id < ", page.after); }
    const std::string limit = where.placeholder(std::int64_t{page.limit});
    ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                     tx_.query("SELECT " + std::string(kTokenColumns) + " FROM tokens" +
                                   where.text() + " ORDER BY id DESC LIMIT " + limit,
                               where.values()));
    return mapped_or_error(rows, to_token);
}

}  // namespace lintel::store
