#include "crypto/sodium.h"

#include <sodium.h>

#include "base/assert.h"

namespace lintel::crypto {

void require_sodium() {
    static const bool ready = sodium_init() >= 0;
    LINTEL_ASSERT(ready, "libsodium could not be initialised");
}

}  // namespace lintel::crypto
