#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "openapi/read_operation.h"

namespace lintel::openapi {
namespace {

using data::Json;

constexpr int kMaxTimeoutSeconds = 1'800;

/// Replaces {name} by the default of the variable; a variable without one stays as it is.
std::string filled(Source& source, const Place& server, std::string url) {
    const auto variables = source.object(server, "variables");
    if (!variables) { return url; }
    for (const auto& [name, value] : variables->value->items()) {
        const Place variable{&value, data::child_pointer(variables->pointer, name)};
        const std::string text = source.text(variable, "default");
        const std::string place = fmt::format("{{{}}}", name);
        for (std::size_t at = url.find(place); at != std::string::npos;
             at = url.find(place, at + text.size())) {
            url.replace(at, place.size(), text);
        }
    }
    return url;
}

std::optional<int> whole_number(const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) { return std::nullopt; }
    return value;
}

/// What the API gateway of Tencent Cloud exports: x-apigw-backend and x-apigw-service-timeout.
class ApigwReader {
public:
    ApigwReader(Source& source, const Place& operation, Operation& into)
        : source_(source), operation_(operation), into_(into) {}

    void read() {
        read_timeout();
        if (source_.text(operation_, "x-apigw-cors") == "true") {
            source_.warn(data::child_pointer(operation_.pointer, "x-apigw-cors"),
                         "openapi.apigw_cors",
                         "CORS is not taken over; switch it on for the service after the import");
        }
        const auto backend = source_.object(operation_, "x-apigw-backend");
        if (!backend) { return; }
        const std::string type = to_lower(source_.text(*backend, "ServiceType"));
        if (type == "mock") { return read_mock(*backend); }
        if (type == "http" && read_http(*backend)) { return; }
        source_.warn(
            backend->pointer, "openapi.apigw_backend",
            fmt::format("the backend type '{}' is not known here; the API gets a mock backend",
                        type));
        into_.mock_backend = MockBackend{};
    }

private:
    void read_timeout() {
        const std::string text = source_.text(operation_, "x-apigw-service-timeout");
        if (text.empty()) { return; }
        const auto seconds = whole_number(text);
        if (seconds && *seconds >= 1 && *seconds <= kMaxTimeoutSeconds) {
            into_.timeout_ms = *seconds * 1000;
            return;
        }
        source_.warn(data::child_pointer(operation_.pointer, "x-apigw-service-timeout"),
                     "openapi.apigw_timeout",
                     fmt::format("the timeout is not taken over: it must be 1 to {} seconds",
                                 kMaxTimeoutSeconds));
    }

    void read_mock(const Place& backend) {
        MockBackend mock;
        mock.body = source_.text(backend, "ServiceMockReturnMessage");
        const std::string status = source_.text(backend, "MockReturnHttpStatusCode");
        const auto number = whole_number(status);
        if (number && *number >= 200 && *number <= 599) {
            mock.status = *number;
        } else if (!status.empty()) {
            source_.warn(data::child_pointer(backend.pointer, "MockReturnHttpStatusCode"),
                         "openapi.apigw_status",
                         "the status of the mock is not taken over: it must be 200 to 599");
        }
        if (const auto headers = source_.array(backend, "MockReturnHttpHeaders")) {
            for (std::size_t i = 0; i < headers->value->size(); ++i) {
                const Place header = headers->element(i);
                const std::string name =
                    source_.text(header, header.member("Name") ? "Name" : "name");
                const std::string value =
                    source_.text(header, header.member("Value") ? "Value" : "value");
                if (!name.empty()) { mock.headers.emplace_back(name, value); }
            }
        }
        into_.mock_backend = std::move(mock);
    }

    bool read_http(const Place& backend) {
        const auto config = source_.object(backend, "ServiceConfig");
        const auto address = config ? absolute_server(source_.text(*config, "Url")) : std::nullopt;
        if (!address) { return false; }
        HttpBackend http{address->base_url, address->path + source_.text(*config, "Path"),
                         source_.text(*config, "Method")};
        if (http.path.empty()) { http.path = "/"; }
        constexpr std::array<std::string_view, 6> kMethods = {"GET", "POST",   "PATCH",
                                                              "PUT", "DELETE", "HEAD"};
        if (std::ranges::find(kMethods, http.method) == kMethods.end()) { http.method.clear(); }
        into_.http_backend = std::move(http);
        return true;
    }

    Source& source_;
    const Place& operation_;
    Operation& into_;
};

}  // namespace

std::vector<Server> read_servers(Source& source, const Place& owner) {
    std::vector<Server> servers;
    const auto list = source.array(owner, "servers");
    if (!list) { return servers; }
    for (std::size_t i = 0; i < list->value->size(); ++i) {
        const Place place = list->element(i);
        if (!place.value->is_object()) {
            source.fault(place.pointer, "openapi.type", "a server must be an object with a url");
            continue;
        }
        servers.push_back(
            {filled(source, place, source.text(place, "url")), source.text(place, "description")});
    }
    return servers;
}

void read_backend(ReadContext& context, const OperationSite& site, Operation& operation) {
    for (const Place& owner : {site.operation, site.path_item}) {
        const std::vector<Server> servers = read_servers(context.source, owner);
        const auto address = servers.empty() ? std::nullopt : absolute_server(servers.front().url);
        if (address) {
            operation.http_backend = HttpBackend{address->base_url, address->path + site.path, ""};
            break;
        }
    }
    ApigwReader(context.source, site.operation, operation).read();
    if (operation.mock_backend) { operation.http_backend.reset(); }
}

}  // namespace lintel::openapi
