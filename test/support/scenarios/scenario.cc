#include "scenarios/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lintel::scenarios {
namespace {

template <typename Kind>
bool has(const std::vector<Kind>& kinds, std::string_view name) {
    return std::ranges::find(kinds, name, &Kind::name) != kinds.end();
}

ServiceSetup with_plugin(const gateway::Kinds& kinds, std::string_view plugin,
                         const Scenario& scenario) {
    ServiceSetup setup = scenario.setup;
    const Named named{.name = std::string(plugin), .config = scenario.config};
    if (has(kinds.policies, plugin)) {
        setup.policies.push_back(named);
    } else if (has(kinds.auths, plugin)) {
        setup.auth = named;
    } else {
        setup.backend = named;
    }
    return setup;
}

void expect_refused(const Status& published, const std::vector<std::string>& faults) {
    ASSERT_FALSE(published) << "the settings were accepted";
    std::vector<std::string> pointers;
    for (const Fault& fault : published.error().faults) {
        pointers.push_back(fault.pointer);
    }
    EXPECT_EQ(pointers, faults) << published.error().message;
}

void expect_answer(const Answer& answer, const Scenario& scenario) {
    EXPECT_EQ(answer.status, scenario.status) << answer.body;
    EXPECT_EQ(answer.code, scenario.code) << answer.body;
    for (const auto& [name, value] : scenario.headers) {
        EXPECT_EQ(answer.header(name), value) << name;
    }
    EXPECT_NE(answer.body.find(scenario.body_contains), std::string::npos) << answer.body;
}

}  // namespace

void run_scenarios(const gateway::Kinds& kinds, std::string_view plugin,
                   const std::vector<Scenario>& scenarios) {
    for (const Scenario& scenario : scenarios) {
        SCOPED_TRACE(scenario.name);
        Stage stage(kinds);
        const Status published = stage.publish(with_plugin(kinds, plugin, scenario));
        if (!scenario.faults.empty()) {
            expect_refused(published, scenario.faults);
            continue;
        }
        ASSERT_TRUE(published) << published.error().message;
        expect_answer(stage.call(scenario.call), scenario);
    }
}

}  // namespace lintel::scenarios
