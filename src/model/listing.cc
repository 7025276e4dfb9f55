#include "model/listing.h"

#include "model/names.h"

namespace lintel::model {

namespace {

using enum ListingStatus;

constexpr Names<ListingStatus, 4> kListingNames{{{Unlisted, "unlisted"},
                                                 {PendingListing, "pending_listing"},
                                                 {Listed, "listed"},
                                                 {PendingRemoval, "pending_removal"}}};

constexpr std::string_view kNotInCatalog = "the service is not in the catalog";
constexpr std::string_view kNotApplied = "nobody has applied for this";
constexpr std::string_view kLaunchPending =
    "an application to launch it is pending; withdraw it, or wait for the decision";
constexpr std::string_view kInCatalog =
    "the service is in the catalog; apply for its removal first";
constexpr std::string_view kIsListed = "the service is in the catalog already";
constexpr std::string_view kRemovalPending =
    "an application to remove it from the catalog is pending; withdraw it, or wait for the "
    "decision";

constexpr Transition<ListingStatus> lists_as(ListingStatus status) {
    return {.to = status};
}
constexpr Transition<ListingStatus> stays(std::string_view refusal) {
    return {.refusal = refusal};
}

// Rows in the order of ListingStatus, columns in that of ListingEvent:
// apply for launch, launch, drop launch, apply for removal, remove, drop removal, delete.
constexpr std::array<std::array<Transition<ListingStatus>, kListingEvents.size()>,
                     kListingStatuses.size()>
    kListingTable{{
        // Unlisted
        {lists_as(PendingListing), stays(kNotApplied), stays(kNotApplied), stays(kNotInCatalog),
         stays(kNotApplied), stays(kNotApplied), lists_as(Unlisted)},
        // PendingListing
        {stays(kLaunchPending), lists_as(Listed), lists_as(Unlisted), stays(kLaunchPending),
         stays(kNotApplied), stays(kNotApplied), stays(kLaunchPending)},
        // Listed
        {stays(kIsListed), stays(kNotApplied), stays(kNotApplied), lists_as(PendingRemoval),
         stays(kNotApplied), stays(kNotApplied), stays(kInCatalog)},
        // PendingRemoval
        {stays(kRemovalPending), stays(kNotApplied), stays(kNotApplied), stays(kRemovalPending),
         lists_as(Unlisted), lists_as(Listed), stays(kRemovalPending)},
    }};

}  // namespace

std::string_view name(ListingStatus status) {
    return name_of(kListingNames, status);
}
std::optional<ListingStatus> parse_listing_status(std::string_view text) {
    return value_of(kListingNames, text);
}

Transition<ListingStatus> transition(ListingStatus from, ListingEvent event) {
    return kListingTable[static_cast<std::size_t>(from)][static_cast<std::size_t>(event)];
}

bool is_in_catalog(ListingStatus status) {
    return status == Listed || status == PendingRemoval;
}

}  // namespace lintel::model
