// One HTTP request of the command line: blocking sockets, because a command has nothing else to do
// meanwhile. The bytes go through the codec of http/.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/failure.h"

namespace lintel::app {

struct ServerAddress {
    std::string host;
    std::string port;
    std::string authority;  ///< as in the Host field
};
/// "http://127.0.0.1:9080", "127.0.0.1:9080", "http://lintel.example.com".
Outcome<ServerAddress> parse_server_address(std::string_view text);

struct HttpRequest {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
};

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string, std::less<>> fields;  ///< names in lower case
    std::string body;
};

/// Fails with Unreachable when there is no answer that makes sense.
Outcome<HttpAnswer> call_http(const ServerAddress& server, const HttpRequest& request);

}  // namespace lintel::app
