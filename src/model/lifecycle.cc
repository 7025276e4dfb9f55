#include "model/lifecycle.h"

#include "model/names.h"

namespace lintel::model {

namespace {

constexpr Names<ServiceStatus, 3> kServiceStatuses{{{ServiceStatus::Configuring, "configuring"},
                                                    {ServiceStatus::Running, "running"},
                                                    {ServiceStatus::Stopped, "stopped"}}};

constexpr std::string_view kGone = "there is no such service";
constexpr std::string_view kExists = "the service exists already";
constexpr std::string_view kNoDraft =
    "the service has no draft; copy a release into the draft first";
constexpr std::string_view kNoRelease = "the service was never published; publish its draft first";
constexpr std::string_view kNotRunning = "the service runs in no environment";
constexpr std::string_view kRunning =
    "the service is running; stop it in every environment, then delete it";

using State = ServiceState;

constexpr Transition<State> to(State state) {
    return {state, {}};
}
constexpr Transition<State> no(std::string_view refusal) {
    return {std::nullopt, refusal};
}

constexpr std::size_t kStateCount = kServiceStates.size();
constexpr std::size_t kEventCount = kServiceEvents.size();

// Rows in the order of ServiceState, columns in the order of ServiceEvent:
// create, edit, publish, publish release, copy, stop, start, roll back, delete.
constexpr std::array<std::array<Transition<State>, kEventCount>, kStateCount> kTable{{
    // None
    {to(State::Draft), no(kGone), no(kGone), no(kGone), no(kGone), no(kGone), no(kGone), no(kGone),
     no(kGone)},
    // Draft
    {no(kExists), to(State::Draft), to(State::Running), no(kNoRelease), no(kNoRelease),
     no(kNotRunning), no(kNoRelease), no(kNoRelease), to(State::None)},
    // Running: one of its deployments may be stopped and be started again
    {no(kExists), no(kNoDraft), no(kNoDraft), to(State::Running), to(State::RunningWithDraft),
     to(State::Stopped), to(State::Running), to(State::Running), no(kRunning)},
    // RunningWithDraft
    {no(kExists), to(State::RunningWithDraft), to(State::Running), to(State::RunningWithDraft),
     to(State::RunningWithDraft), to(State::StoppedWithDraft), to(State::RunningWithDraft),
     to(State::RunningWithDraft), no(kRunning)},
    // Stopped
    {no(kExists), no(kNoDraft), no(kNoDraft), to(State::Running), to(State::StoppedWithDraft),
     no(kNotRunning), to(State::Running), to(State::Running), to(State::None)},
    // StoppedWithDraft
    {no(kExists), to(State::StoppedWithDraft), to(State::Running), to(State::RunningWithDraft),
     to(State::StoppedWithDraft), no(kNotRunning), to(State::RunningWithDraft),
     to(State::RunningWithDraft), to(State::None)},
}};

}  // namespace

std::string_view name(ServiceStatus status) {
    return name_of(kServiceStatuses, status);
}
std::optional<ServiceStatus> parse_service_status(std::string_view text) {
    return value_of(kServiceStatuses, text);
}

Transition<ServiceState> transition(ServiceState from, ServiceEvent event) {
    return kTable[static_cast<std::size_t>(from)][static_cast<std::size_t>(event)];
}

ServiceState derive_state(const ServiceFacts& facts) {
    if (facts.is_running) {
        return facts.has_draft ? ServiceState::RunningWithDraft : ServiceState::Running;
    }
    if (facts.has_release) {
        return facts.has_draft ? ServiceState::StoppedWithDraft : ServiceState::Stopped;
    }
    return facts.has_draft ? ServiceState::Draft : ServiceState::None;
}

ServiceStatus derive_status(ServiceState state) {
    switch (state) {
        case ServiceState::Running:
        case ServiceState::RunningWithDraft: return ServiceStatus::Running;
        case ServiceState::Stopped: return ServiceStatus::Stopped;
        case ServiceState::None:
        case ServiceState::Draft:
        case ServiceState::StoppedWithDraft: break;
    }
    return ServiceStatus::Configuring;
}

}  // namespace lintel::model
