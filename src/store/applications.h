// Applications in the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/application.h"
#include "sql/database.h"
#include "store/paging.h"

namespace lintel::store {

struct ApplicationQuery {
    model::GatewayId gateway_id;
    std::optional<model::UserId> applicant_id = {};
    std::optional<std::vector<model::ProjectId>> projects = {};  ///< absent: of all projects
    std::optional<model::ApplicationType> type = {};
    std::optional<model::ApplicationStatus> status = {};
    std::optional<std::string> service = {};    ///< id or code
    std::optional<std::string> project = {};    ///< id or name
    std::optional<std::string> applicant = {};  ///< name of the user
};

/// The columns of `a`, and how they are read from a row that begins with them at `first`.
inline constexpr std::string_view kApplicationColumns =
    "a.number, a.type, a.service_id, a.service_code, a.service_name, a.project_id,"
    " a.project_name, a.applicant_id, a.applicant, a.reason, a.end_subscriptions, a.status,"
    " a.reviewer, a.comment, a.submitted_at, a.decided_at, a.gateway_id";
model::Application to_application(const sql::Row& row, std::size_t first = 0);

class Applications {
public:
    explicit Applications(sql::Transaction& tx) : tx_(tx) {}

    /// Gives it the next number.
    Status add(model::Application& application);
    /// Writes status, reviewer, comment and the time of the decision.
    Status save(const model::Application& application);
    Result<std::optional<model::Application>> find(std::int64_t number);
    /// The pending one to launch or to remove the service.
    Result<std::optional<model::Application>> pending_listing(const model::ServiceId& service);
    /// Newest first; `before`: those with a smaller number, 0: all.
    Result<std::vector<model::Application>> list(const ApplicationQuery& query, std::int64_t before,
                                                 int limit);

private:
    Result<std::vector<model::Application>> select(const Where& where, const std::string& tail);

    sql::Transaction& tx_;
};

}  // namespace lintel::store
