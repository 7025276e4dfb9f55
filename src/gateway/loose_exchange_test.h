// For tests only: an exchange without a connection, a worker or a snapshot, for code that looks at
// the request alone.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/parameter_style.h"
#include "gateway/contract.h"
#include "gateway/exchange.h"
#include "gateway/loose_inbound_test.h"
#include "gateway/mapping.h"
#include "gateway/route.h"

namespace lintel::gateway {

/// A request as a test writes it down.
struct LooseRequest {
    std::string method = "GET";
    std::string path = "/";  ///< canonical, relative to the service
    std::string query = {};
    std::vector<std::pair<std::string, std::string>> path_values = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    bool is_chunked = false;
};

/// Role: owns everything an Exchange refers to. Lives on the stack of a test.
class LooseExchange {
public:
    explicit LooseExchange(LooseRequest request)
        : request_(std::move(request)), inbound_(request_.method, request_.headers, request_.body) {
        service.code = "pets";
        service.id = "svc_1";
        service.environment = "test";
        route.service = &service;
        if (request_.is_chunked) { inbound_.head.framing = http::Framing::chunked(); }
        exchange.service = &service;
        exchange.route = &route;
        exchange.request_id = "req_1";
        exchange.raw_query = request_.query;
        exchange.api_path = request_.path;
        exchange.client_address = IpAddress::v4(0xCB007107);
        for (const auto& [name, value] : request_.path_values) {
            exchange.path_parameters.push_back({name, value});
        }
    }

    CompiledService service;
    Route route{{.api_id = "api_1"}};

private:
    LooseRequest request_;
    LooseInbound inbound_;
    // What is tested here never looks at worker and snapshot; it is aligned as a worker is.
    alignas(64) char nobody_[1] = {};

public:
    Exchange exchange{inbound_, reinterpret_cast<Worker&>(nobody_),
                      reinterpret_cast<const Snapshot&>(nobody_)};
};

/// Runs a task that never waits for anything outside.
template <typename T>
T run(Task<T> task) {
    task.start();
    return task.take();
}

/// All of a body.
inline std::string read_all(http::BodyReader* body) {
    std::string text;
    while (body != nullptr) {
        const Result<std::span<const char>> piece = run(body->read());
        if (!piece || piece->empty()) { break; }
        text.append(piece->data(), piece->size());
    }
    return text;
}

}  // namespace lintel::gateway
