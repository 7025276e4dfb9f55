// Services and their drafts in the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/service.h"
#include "sql/database.h"
#include "store/changes.h"
#include "store/paging.h"

namespace lintel::store {

struct ServiceQuery {
    std::optional<model::GatewayId> gateway = {};                ///< absent: of all
    std::optional<std::vector<model::ProjectId>> projects = {};  ///< absent: of all projects
    std::vector<model::ServiceId> beside = {};  ///< these too, whatever their projects
    std::optional<std::string> name = {};
    std::optional<model::ServiceStatus> status = {};
    std::optional<std::string> group = {};
    std::optional<model::Protocol> protocol = {};
    std::vector<model::LabelFilter> labels = {};  ///< all of them
    std::string text = {};  ///< part of name, code or description, in any case
};

/// A draft or a deployed release of a service.
struct DefinitionRow {
    std::string service_code;
    model::ServiceDefinition definition;
};

/// NotFound; also what somebody hears who may not know that there is one.
Error no_such_service(const std::string& id_or_code);

class Services {
public:
    Services(sql::Transaction& tx, ChangeNotes& changes) : tx_(tx), changes_(changes) {}

    Status add(const model::Service& service);
    /// Writes everything but id, gateway and project.
    Status save(const model::Service& service);
    /// By id or code, in the gateway; NotFound.
    Result<model::Service> get(const model::GatewayId& gateway, const std::string& id_or_code);
    /// In any gateway.
    Result<model::Service> get(const model::ServiceId& id);
    /// With everything that hangs on it.
    Status remove(const model::ServiceId& id);
    /// Newest first.
    Result<std::vector<model::Service>> list(const ServiceQuery& query, const IdPage& page);
    /// Replaces those there are.
    Status put_labels(const model::ServiceId& id, const model::Labels& labels);
    Result<model::Labels> labels_of(const model::ServiceId& id);
    /// Drafts and deployed releases (running or stopped) whose document holds the text as a string
    /// somewhere; reads them all.
    Result<std::vector<DefinitionRow>> definitions_with(const model::GatewayId& gateway,
                                                        const std::string& text);
    /// Puts the services of a group into another.
    Status move_group(const model::ProjectId& project, const std::string& from,
                      const std::string& to);

private:
    sql::Transaction& tx_;
    ChangeNotes& changes_;
};

class Drafts {
public:
    explicit Drafts(sql::Transaction& tx) : tx_(tx) {}

    Result<bool> exists(const model::ServiceId& id);
    Result<std::optional<model::Draft>> find(const model::ServiceId& id);
    /// Adds or replaces.
    Status put(const model::Draft& draft);
    Status remove(const model::ServiceId& id);

private:
    sql::Transaction& tx_;
};

}  // namespace lintel::store
