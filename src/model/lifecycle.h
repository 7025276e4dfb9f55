// The life of a service as a table. Where a service stands is derived from its draft and its
// deployments, never stored.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "model/transition.h"

namespace lintel::model {

/// What people see.
enum class ServiceStatus { Configuring, Running, Stopped };
std::string_view name(ServiceStatus status);  ///< "configuring", "running", "stopped"
std::optional<ServiceStatus> parse_service_status(std::string_view text);

/// Where a service stands: the three visible states, told apart by whether a draft lies beside the
/// published state.
enum class ServiceState {
    None,              ///< does not exist (yet, or any more)
    Draft,             ///< never published
    Running,           ///< at least one deployment runs, no draft
    RunningWithDraft,  ///< ... and a draft is being edited
    Stopped,           ///< published once, nothing runs, no draft
    StoppedWithDraft,
};
inline constexpr std::array kServiceStates{ServiceState::None,    ServiceState::Draft,
                                           ServiceState::Running, ServiceState::RunningWithDraft,
                                           ServiceState::Stopped, ServiceState::StoppedWithDraft};

enum class ServiceEvent {
    Create,          ///< by hand or by import
    Edit,            ///< the service's definition or one of its APIs
    Publish,         ///< the draft becomes a release and runs in the chosen environments
    PublishRelease,  ///< a release that exists runs in a further environment
    Copy,            ///< a release becomes the draft
    Stop,      ///< the last running deployment; stopping one of several leaves the state as it is
    Start,     ///< a stopped deployment
    RollBack,  ///< an environment goes back to an earlier release
    Delete,
};
inline constexpr std::array kServiceEvents{
    ServiceEvent::Create,         ServiceEvent::Edit,     ServiceEvent::Publish,
    ServiceEvent::PublishRelease, ServiceEvent::Copy,     ServiceEvent::Stop,
    ServiceEvent::Start,          ServiceEvent::RollBack, ServiceEvent::Delete};

Transition<ServiceState> transition(ServiceState from, ServiceEvent event);

struct ServiceFacts {
    bool has_draft = false;
    bool has_release = false;
    bool is_running = false;
};
ServiceState derive_state(const ServiceFacts& facts);
ServiceStatus derive_status(ServiceState state);

}  // namespace lintel::model
