// A service's place on the shelf: whether everybody finds it in the catalog.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/ids.h"
#include "model/transition.h"

namespace lintel::model {

enum class ListingStatus : std::uint8_t { Unlisted, PendingListing, Listed, PendingRemoval };
inline constexpr std::array kListingStatuses{ListingStatus::Unlisted, ListingStatus::PendingListing,
                                             ListingStatus::Listed, ListingStatus::PendingRemoval};
std::string_view name(ListingStatus status);  ///< "unlisted", "pending_listing"...
std::optional<ListingStatus> parse_listing_status(std::string_view text);

enum class ListingEvent : std::uint8_t {
    ApplyForLaunch,
    Launch,      ///< the application was approved
    DropLaunch,  ///< ... rejected or withdrawn
    ApplyForRemoval,
    Remove,       ///< the application was approved
    DropRemoval,  ///< ... rejected or withdrawn
    Delete,       ///< of the service itself
};
inline constexpr std::array kListingEvents{
    ListingEvent::ApplyForLaunch,  ListingEvent::Launch, ListingEvent::DropLaunch,
    ListingEvent::ApplyForRemoval, ListingEvent::Remove, ListingEvent::DropRemoval,
    ListingEvent::Delete};

Transition<ListingStatus> transition(ListingStatus from, ListingEvent event);

struct Listing {
    ServiceId service_id = {};
    ListingStatus status = ListingStatus::Unlisted;
    std::string provider = {};  ///< name of the user who applied for the launch
    TimeMs listed_at = 0;       ///< 0: not yet
};

/// While its removal is being decided, a service still is in the catalog.
bool is_in_catalog(ListingStatus status);

}  // namespace lintel::model
