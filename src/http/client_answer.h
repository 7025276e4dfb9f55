// An answer over HTTP/1.1 and the wire behind it. Internal to the client.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "async/buffer.h"
#include "http/client_connection.h"
#include "http/message_sender.h"

namespace lintel::http {

/// An answer that comes by a connection of HTTP/1.1.
class Http1Answer final : public ClientAnswer {
public:
    Http1Answer();
    ~Http1Answer() override;

    bool bodiless() const override;
    Task<Result<std::span<const char>>> read() override;
    std::optional<std::span<const char>> take_whole() override;
    std::optional<Upgraded> upgraded() override;
    std::span<const Field> trailers() const override;

private:
    friend class ClientCall;
    struct Wire;

    std::unique_ptr<Wire> wire_;
};

/// Everything one call holds while it runs: the connection, the upload beside it, the buffers.
struct Http1Answer::Wire : async::Pooled {
    Wire(ClientPoolState& of, std::unique_ptr<ClientConnection> on)
        : pool(of), parser(of.options.head_limits), connection(std::move(on)) {}
    ~Wire();

    /// Sends the body beside the reading of the answer.
    Task<void> send_beside(BodyReader& stream, Framing framing);
    async::Socket& socket() { return connection->socket(); }
    bool uploading() const { return upload.started() && !upload.done(); }
    /// The answer is complete: the connection goes back, or away.
    void finish(bool keep_alive);
    void drop();

    ClientPoolState& pool;
    http1::ResponseParser parser;
    http1::BodyDecoder decoder;
    Trailers trailers;
    MessageSender sender;
    async::Buffer head_buffer;
    async::Buffer body_buffer;
    std::string_view source;  ///< received and not yet read
    std::chrono::milliseconds body_idle{0};
    bool bodiless = false;
    std::optional<MessageSender::Sent> uploaded;  ///< how the upload ended
    std::uint64_t uploaded_at_ms = 0;
    std::unique_ptr<ClientConnection> connection;
    Task<void> upload;  ///< last: it refers to what is above
};

}  // namespace lintel::http
