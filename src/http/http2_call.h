// One call on a connection of HTTP/2. Internal to the client.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/waiter.h"
#include "http/client.h"
#include "http/http1.h"
#include "http/http2_connection.h"

namespace lintel::http {

/// The stream, the head of the answer as it arrives, and the upload beside it. Owned by the answer,
/// buried with it.
class Http2Call final : public Http2Stream {
public:
    Http2Call(async::Loop& loop, const ClientOptions& options, const CallTimeouts& timeouts);
    ~Http2Call() override { upload_.reset(); }

    /// Sends the request. False when its head is not canonical HTTP or the connection takes no
    /// more.
    bool begin(Http2Connection& connection, const Origin& origin, const OutgoingRequest& request,
               std::optional<std::string_view> whole);
    /// Waits for the head of the answer.
    Task<Status> head();
    /// The backend says that it has not touched the request (RFC 9113 section 8.7).
    bool untouched() const;
    /// The caller has no more use for it.
    void end();

    ResponseHead answer;
    Http2Inflow& body() { return inflow_; }
    bool bodiless() const { return bodiless_; }
    /// Why there will be no more of the request, if that is so.
    std::optional<Error> upload_failure();

private:
    bool on_field(std::string_view name, std::string_view value) override;
    Head on_head() override;
    void on_changed() override;

    static bool write_head(Http2Connection::HeadList& list, const Origin& origin,
                           const OutgoingRequest& request, const Framing& framing,
                           std::string& scratch);
    Task<void> send(BodyReader* stream, std::string_view whole, Framing framing);
    Error failure(int outcome);

    async::Loop& loop_;
    const ClientOptions& options_;
    const CallTimeouts timeouts_;
    http1::ResponseParser parser_;
    std::string text_;  ///< the head written as one of HTTP/1.1: one parser decides for both
    std::size_t interim_ = 0;
    bool to_head_ = false;
    bool bodiless_ = false;
    bool complete_ = false;
    std::string bad_;  ///< what was wrong with the answer
    async::Waiter changed_;
    std::optional<Http2Outflow::Sent> uploaded_;
    std::uint64_t uploaded_at_ms_ = 0;
    Task<void> upload_;  ///< last: it refers to what is above
};

}  // namespace lintel::http
