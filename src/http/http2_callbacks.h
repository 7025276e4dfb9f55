// What nghttp2 calls while it takes frames apart and puts them together. Nothing in here resumes a
// coroutine. Internal to HTTP/2.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>

namespace lintel::http {

/// The user data of the session is its Http2Connection, that of a stream its Http2Stream.
nghttp2_session_callbacks* http2_callbacks();
nghttp2_option* http2_options();

/// Gives the body of the Http2Stream in `source`.
ssize_t http2_read_body(nghttp2_session* session, std::int32_t id, std::uint8_t* into,
                        std::size_t room, std::uint32_t* flags, nghttp2_data_source* source,
                        void* data);

}  // namespace lintel::http
