// What an http backend is asked: the request of an exchange, with the fields that say who called.
// Private to the plugin.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "gateway/exchange.h"
#include "http/client.h"

namespace lintel::backends {

/// Lives in the frame of the call; may be sent more than once, unless its body is a stream.
class Outgoing {
public:
    /// `websocket`: whether the caller may ask to leave HTTP.
    Outgoing(gateway::Exchange& exchange, std::string_view host, bool websocket);
    Outgoing(const Outgoing&) = delete;
    Outgoing& operator=(const Outgoing&) = delete;

    const http::OutgoingRequest& request() const { return request_; }
    bool is_stream() const { return request_.stream != nullptr; }

private:
    void take_body(gateway::Exchange& exchange);
    /// Fields the backend is told about the client, each exactly once. Whatever the client sent
    /// under these names was taken out by the mapping; only the hops of X-Forwarded-For are kept.
    void say_who_called(gateway::Exchange& exchange);
    void add(std::string_view name, std::string_view value) { fields_[count_++] = {name, value}; }

    http::OutgoingRequest request_;
    std::array<http::Field, 6> fields_;
    std::size_t count_ = 0;
};

}  // namespace lintel::backends
