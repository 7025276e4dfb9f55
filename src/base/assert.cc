#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace lintel {

void assertion_failed(const char* condition, const char* message, const char* file, int line) {
    std::fprintf(stderr, "lintel: broken assumption at %s:%d: %s (%s)\n", file, line, message,
                 condition);
    std::abort();
}

}  // namespace lintel
