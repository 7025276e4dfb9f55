// One entry of the settings that say where to listen.
#pragma once

#include <string_view>
#include <vector>

#include "async/listen_address.h"
#include "base/error.h"

namespace lintel::app {

struct ListenEntry {
    async::ListenAddress address;
    bool proxy_protocol = false;  ///< each connection begins with a PROXY header
};

/// "127.0.0.1:8080", "[::1]:8080", ":8080", "unix:/run/lintel/http.sock", each with words behind
/// it: "proxy_protocol", for a unix socket "mode=0660". ConfigInvalid says what is wrong.
Result<ListenEntry> parse_listen_entry(std::string_view text);
/// Several, separated by commas; none twice.
Result<std::vector<ListenEntry>> parse_listen_entries(std::string_view text);

}  // namespace lintel::app
