#include "admin/problem.h"

namespace lintel::admin {

data::Json to_problem(const Error& error, std::string_view request_id) {
    const CodeInfo& row = info(error.code);
    data::Json problem{{"type", "urn:lintel:error:" + std::string(row.name)},
                       {"title", std::string(row.title)},
                       {"status", row.status},
                       {"detail", error.message.empty() ? std::string(row.title) : error.message},
                       {"code", std::string(row.name)},
                       {"fix", std::string(row.fix)},
                       {"request_id", std::string(request_id)}};
    if (!error.faults.empty()) {
        data::Json errors = data::Json::array();
        for (const Fault& fault : error.faults) {
            errors.push_back(
                {{"pointer", fault.pointer}, {"code", fault.code}, {"detail", fault.detail}});
        }
        problem["errors"] = std::move(errors);
    }
    return problem;
}

}  // namespace lintel::admin
