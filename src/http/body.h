// Bodies are pulled as streams: nobody buffers a body unless a policy of the exchange asks for the
// whole.
#pragma once

#include <span>

#include "async/task.h"
#include "base/error.h"

namespace lintel::http {

/// The stream of one body. Owned by whoever carries the message; used by one coroutine at a time.
class BodyReader {
public:
    virtual ~BodyReader() = default;
    /// The next piece; empty at the end, and from then on. The view stays valid until the next
    /// call. Errors: the peer went away, broke the framing, was too slow, or the body passed its
    /// limit.
    virtual Task<Result<std::span<const char>>> read() = 0;
};

}  // namespace lintel::http
