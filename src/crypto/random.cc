#include "crypto/random.h"

#include <sodium.h>

#include "base/text.h"
#include "crypto/sodium.h"

namespace lintel::crypto {

std::string random_bytes(std::size_t count) {
    require_sodium();
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

std::string random_hex(std::size_t bytes) {
    return to_hex(random_bytes(bytes));
}

}  // namespace lintel::crypto
