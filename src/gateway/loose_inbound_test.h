// For tests only: a request that came by no connection.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/handler.h"

namespace lintel::gateway {

/// Refers to the texts it is given; the test keeps them.
class LooseInbound final : public http::ServerExchange {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    LooseInbound(std::string_view method, const Headers& headers, std::string_view whole_body) {
        head.method = method;
        for (const auto& [name, value] : headers) {
            head.fields.add(name, value);
        }
        if (whole_body.empty()) { return; }
        head.framing = http::Framing::of_length(whole_body.size());
        pieces_.rest = whole_body;
        body = &pieces_;
    }
    Task<Status> send(const http::OutgoingResponse&) override { co_return Status(); }
    bool answer_started() const override { return false; }

private:
    struct Pieces final : http::BodyReader {
        std::string_view rest;
        /// Small ones, so that nobody relies on getting all at once.
        Task<Result<std::span<const char>>> read() override {
            const std::string_view piece = rest.substr(0, 7);
            rest.remove_prefix(piece.size());
            co_return std::span<const char>(piece);
        }
    };
    Pieces pieces_;
};

}  // namespace lintel::gateway
