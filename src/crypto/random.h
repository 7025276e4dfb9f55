// Random bytes from the operating system. Everything unpredictable in Lintel starts here.
#pragma once

#include <cstddef>
#include <string>

namespace lintel::crypto {

/// `count` random bytes. Thread-safe.
std::string random_bytes(std::size_t count);
/// `bytes` random bytes as lower-case hexadecimal text, twice as long.
std::string random_hex(std::size_t bytes);

}  // namespace lintel::crypto
