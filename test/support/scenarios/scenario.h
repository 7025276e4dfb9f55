// Tables of cases for one plugin: its settings, a call, what comes back.
//
//     TEST(IpAccess, Scenarios) {
//         run_scenarios(kinds(), "ip_access", {
//             {.name = "listed addresses are blocked",
//              .config = R"({"mode": "block", "addresses": ["203.0.113.0/24"]})",
//              .status = 403, .code = "access.ip_denied"},
//             {.name = "a broken address is a fault of its own",
//              .config = R"({"mode": "block", "addresses": ["x"]})",
//              .faults = {"/addresses/0"}},
//         });
//     }
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/stage.h"

namespace lintel::scenarios {

struct Scenario {
    std::string name;
    std::string config = "{}";
    ServiceSetup setup = {};  ///< what else the service has; the plugin is added to it
    Call call = {};
    int status = 200;
    std::string code = {};                 ///< of the refusal; empty = answered
    std::vector<std::string> faults = {};  ///< pointers: the settings must be refused with these
    Headers headers = {};                  ///< must be in the answer
    std::string body_contains = {};
};

/// `plugin` is a policy, an authenticator or a backend of `kinds`. Every scenario has a stage of
/// its own.
void run_scenarios(const gateway::Kinds& kinds, std::string_view plugin,
                   const std::vector<Scenario>& scenarios);

}  // namespace lintel::scenarios
