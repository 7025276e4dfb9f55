// For tests only: a handler that answers with what it understood, and the answer it gives.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "http/handler.h"
#include "http/raw_peer_test.h"

namespace lintel::http {

/// Answers with what it understood of the request.
inline Task<void> echo(ServerExchange& exchange) {
    std::string said;
    if (exchange.refused != nullptr) {
        said = "refused " + std::string(info(exchange.refused->code).name);
    } else {
        said = std::string(exchange.head.method) + " " + std::string(exchange.head.target);
        while (exchange.body != nullptr) {
            const auto piece = co_await exchange.body->read();
            if (!piece) {
                said = "broken " + std::string(info(piece.error().code).name);
                break;
            }
            if (piece->empty()) { break; }
            said += " ";
            said.append(piece->data(), piece->size());
        }
    }
    EXPECT_GT(exchange.received_bytes, 0U);
    OutgoingResponse response;
    if (exchange.refused != nullptr) { response.status = info(exchange.refused->code).status; }
    const Field kind{.name = "X-Kind", .value = "echo"};
    response.fields = {&kind, 1};
    response.body = said;
    EXPECT_TRUE((co_await exchange.send(response)).has_value());
}

inline std::string answer(std::string body, std::string extra = {}, std::string status = "200 OK") {
    return "HTTP/1.1 " + status + "\r\nX-Kind: echo\r\nDate: Mon, 24 Nov 2025 16:00:00 GMT\r\n" +
           "Content-Length: " + std::to_string(body.size()) + "\r\n" + extra + "\r\n" + body;
}

}  // namespace lintel::http
