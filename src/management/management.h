// What every use case gets: the store, the way to the data plane, the clock, the catalogue of
// plugins.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "management/access_guard.h"
#include "management/caller.h"
#include "management/kinds.h"
#include "management/publisher.h"

namespace lintel::store {
class Store;
}

namespace lintel::management {

struct Settings {
    std::size_t import_max_bytes = 102'400;
    std::chrono::seconds session_life{std::chrono::hours{8}};
    std::chrono::seconds token_life{std::chrono::hours{24 * 90}};  ///< when none is asked for
    std::chrono::seconds token_life_max{std::chrono::hours{24 * 365}};
    bool forbid_own_approvals = false;  ///< somebody else must decide about an application
    std::string call_base =
        "http://localhost:8080";  ///< scheme and authority of the data plane, for description files
    bool mail = false;            ///< whether there is a server that takes mails
    std::string admin_url = {};   ///< of the management API, for links in mails; empty: unknown
};

/// Role: the context of the use cases; refers to what the app owns. Use cases are free functions
/// that are plain synchronous code: begin, load, require, decide, write, audit, commit, notify.
/// They may run on several threads at once.
struct Management {
    store::Store& store;
    Publisher& publisher;
    const Clock& clock;
    const Kinds& kinds;
    AccessGuard& guard;
    Settings settings;
};

/// The result of a write and the revision of the data plane that serves it.
template <typename Value>
struct Written {
    Value value;
    std::uint64_t revision = 0;
};

inline constexpr int kDefaultPageSize = 20;
inline constexpr int kMaxPageSize = 500;

struct PageRequest {
    int page_size = kDefaultPageSize;
    std::string page_token = {};  ///< opaque; from the page before
};

template <typename Item>
struct Page {
    std::vector<Item> items;
    std::string next_page_token;  ///< empty: the last page
};

/// The version a writer has read (If-Match); absent: whatever is there now.
using ExpectedVersion = std::optional<std::int64_t>;

}  // namespace lintel::management
