// Bodies are pulled as streams: nobody buffers a body unless a policy of the exchange asks for the
// whole.
#pragma once

#include <optional>
#include <span>

#include "async/task.h"
#include "base/error.h"
#include "http/message.h"

namespace lintel::http {

/// The stream of one body. Owned by whoever carries the message; used by one coroutine at a time.
class BodyReader {
public:
    virtual ~BodyReader() = default;
    /// The next piece; empty at the end, and from then on. The view stays valid until the next
    /// call. Errors: the peer went away, broke the framing, was too slow, or the body passed its
    /// limit.
    virtual Task<Result<std::span<const char>>> read() = 0;
    /// All that is left of the body, if every byte of it is in memory already; taking it is reading
    /// it. The view stays valid as long as the message. Saves a separate upload task and allows a
    /// repetition on a fresh connection.
    virtual std::optional<std::span<const char>> take_whole() { return std::nullopt; }
    /// The fields behind the body, once its end was read (RFC 9110 section 6.5).
    virtual std::span<const Field> trailers() const { return {}; }
};

/// A body that is in memory. The bytes belong to someone who outlives the reader.
class WholeBody final : public BodyReader {
public:
    explicit WholeBody(std::span<const char> bytes) : rest_(bytes) {}
    Task<Result<std::span<const char>>> read() override {
        const std::span<const char> all = rest_;
        rest_ = {};
        co_return all;
    }
    std::optional<std::span<const char>> take_whole() override {
        const std::span<const char> all = rest_;
        rest_ = {};
        return all;
    }

private:
    std::span<const char> rest_;
};

}  // namespace lintel::http
