// What a fuzz target checks. A broken promise ends the process, in every build, so that the fuzzer
// keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace lintel::fuzz {

inline void require(bool holds, const char* promise) {
    if (!holds) {
        std::fprintf(stderr, "broken promise: %s\n", promise);
        std::abort();
    }
}

}  // namespace lintel::fuzz
