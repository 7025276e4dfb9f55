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
    explicit LooseExchange(LooseRequest request) : request_(std::move(request)) {
        service.code = "pets";
        service.id = "svc_1";
        service.environment = "test";
        route.api_id = "api_1";
        route.service = &service;
        inbound_.head.method = request_.method;
        for (const auto& [name, value] : request_.headers) {
            inbound_.head.fields.add(name, value);
        }
        if (!request_.body.empty()) {
            inbound_.head.framing = request_.is_chunked
                                        ? http::Framing::chunked()
                                        : http::Framing::of_length(request_.body.size());
            inbound_.body = &inbound_.text;
            inbound_.text.rest = request_.body;
        }
        exchange.route = &route;
        exchange.request_id = "req_1";
        exchange.raw_query = request_.query;
        exchange.api_path = request_.path;
        exchange.client_address = IpAddress::v4(0xCB007107);
        for (const auto& [name, value] : request_.path_values) {
            exchange.path_parameter_slots[exchange.path_parameter_count++] = {name, value};
        }
    }

    CompiledService service;
    Route route;

private:
    struct Text final : http::BodyReader {
        std::string_view rest;
        /// Small pieces, so that nobody relies on getting all at once.
        Task<Result<std::span<const char>>> read() override {
            const std::string_view piece = rest.substr(0, 7);
            rest.remove_prefix(piece.size());
            co_return std::span<const char>(piece);
        }
    };
    struct Inbound final : http::ServerExchange {
        Text text;
        Task<Status> send(const http::OutgoingResponse&) override { co_return Status(); }
        bool answer_started() const override { return false; }
    };

    LooseRequest request_;
    Inbound inbound_;
    // What is tested here never looks at worker and snapshot.
    alignas(std::max_align_t) char nobody_[1] = {};

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
