// The management API as commands use it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/failure.h"
#include "app/http_call.h"
#include "data/json.h"

namespace lintel::app {

struct ApiAnswer {
    int status = 0;
    data::Json body = nullptr;  ///< of JSON answers
    std::string text;           ///< of all answers
    std::map<std::string, std::string, std::less<>> fields;
};

struct ApiRequest {
    std::string method = "GET";
    std::string path;  ///< with query
    std::optional<data::Json> body = {};
    std::vector<std::pair<std::string, std::string>> fields = {};
};

/// Role: calls one server as one caller. Owned by a command.
class ApiClient {
public:
    struct Options {
        std::string server;
        std::string token;
        bool verbose = false;  ///< tells each call on stderr, without the token
    };
    static Outcome<ApiClient> build(Options options);

    /// A problem document becomes a Failure with all its reasons.
    Outcome<ApiAnswer> call(const ApiRequest& request) const;
    /// All items of a paged list; `path` without paging parameters.
    Outcome<data::Json> list(const std::string& path) const;

private:
    ApiClient(ServerAddress server, Options options)
        : server_(std::move(server)), options_(std::move(options)) {}

    ServerAddress server_;
    Options options_;
};

/// "/api/v1/gateways/" + the code of one + the parts, each percent-encoded as one segment.
std::string gateway_path(std::string_view gateway, const std::vector<std::string_view>& parts);
std::string percent_encode(std::string_view text);

}  // namespace lintel::app
