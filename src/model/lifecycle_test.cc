#include "model/lifecycle.h"

#include <gtest/gtest.h>

namespace lintel::model {
namespace {

/// A service as plain facts, so that the table can be checked against what the events really do.
struct Simulated {
    bool exists = false;
    bool has_draft = false;
    bool has_release = false;
    bool is_running = false;
    bool is_stopped = false;

    ServiceState state() const {
        return derive_state(
            {.has_draft = has_draft, .has_release = has_release, .is_running = is_running});
    }
    void apply(ServiceEvent event) {
        switch (event) {
            case ServiceEvent::Create: exists = has_draft = true; break;
            case ServiceEvent::Edit: break;
            case ServiceEvent::Publish:
                has_draft = false;
                has_release = is_running = true;
                break;
            case ServiceEvent::PublishRelease:
            case ServiceEvent::Start:
            case ServiceEvent::RollBack: is_running = true; break;
            case ServiceEvent::Copy: has_draft = true; break;
            case ServiceEvent::Stop: is_running = false; break;
            case ServiceEvent::Delete: *this = {}; break;
        }
    }
};

Simulated in_state(ServiceState state) {
    Simulated s;
    s.exists = state != ServiceState::None;
    s.has_draft = state == ServiceState::Draft || state == ServiceState::RunningWithDraft ||
                  state == ServiceState::StoppedWithDraft;
    s.has_release = s.exists && state != ServiceState::Draft;
    s.is_running = state == ServiceState::Running || state == ServiceState::RunningWithDraft;
    return s;
}

bool is_allowed(const Simulated& s, ServiceEvent event) {
    switch (event) {
        case ServiceEvent::Create: return !s.exists;
        case ServiceEvent::Edit:
        case ServiceEvent::Publish: return s.has_draft;
        case ServiceEvent::PublishRelease:
        case ServiceEvent::Copy:
        case ServiceEvent::Start:
        case ServiceEvent::RollBack: return s.has_release;
        case ServiceEvent::Stop: return s.is_running;
        case ServiceEvent::Delete: return s.exists && !s.is_running;
    }
    return false;
}

TEST(Lifecycle, EveryPairOfStateAndEventDoesWhatTheFactsSay) {
    for (const ServiceState from : kServiceStates) {
        for (const ServiceEvent event : kServiceEvents) {
            Simulated simulated = in_state(from);
            ASSERT_EQ(simulated.state(), from);
            const Transition transition = model::transition(from, event);
            const std::string pair =
                std::to_string(int(from)) + " on event " + std::to_string(int(event));
            ASSERT_EQ(transition.to.has_value(), is_allowed(simulated, event)) << pair;
            if (!transition.to) {
                EXPECT_FALSE(transition.refusal.empty()) << pair;
                continue;
            }
            simulated.apply(event);
            EXPECT_EQ(*transition.to, simulated.state()) << pair;
        }
    }
}

TEST(Lifecycle, StatusIsRunningBeforeConfiguringBeforeStopped) {
    EXPECT_EQ(derive_status(ServiceState::RunningWithDraft), ServiceStatus::Running);
    EXPECT_EQ(derive_status(ServiceState::Running), ServiceStatus::Running);
    EXPECT_EQ(derive_status(ServiceState::StoppedWithDraft), ServiceStatus::Configuring);
    EXPECT_EQ(derive_status(ServiceState::Draft), ServiceStatus::Configuring);
    EXPECT_EQ(derive_status(ServiceState::Stopped), ServiceStatus::Stopped);
}

TEST(Lifecycle, RefusalsSayTheWayOut) {
    EXPECT_TRUE(
        transition(ServiceState::Running, ServiceEvent::Delete).refusal.contains("stop it"));
    EXPECT_TRUE(transition(ServiceState::Stopped, ServiceEvent::Edit)
                    .refusal.contains("copy a release into the draft first"));
}

}  // namespace
}  // namespace lintel::model
