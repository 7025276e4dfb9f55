// Programmer errors end the process, in every build: what cannot happen must not grow recovery
// code.
#pragma once

namespace lintel {

[[noreturn]] void assertion_failed(const char* condition, const char* message, const char* file,
                                   int line);

}  // namespace lintel

#define LINTEL_ASSERT(condition, message)                                        \
    do {                                                                         \
        if (!(condition)) [[unlikely]] {                                         \
            ::lintel::assertion_failed(#condition, message, __FILE__, __LINE__); \
        }                                                                        \
    } while (false)
