# Language level, warnings, hardening and the sanitizers. GCC before 14 is refused because it miscompiles
# temporaries in co_await expressions (docs/adr/0004-compiler.md).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
    message(FATAL_ERROR "GCC ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutine temporaries. "
                        "Use clang 19: cmake --preset dev (package clang-19).")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# One flag for libraries and programs: CMake would give the latter -fPIE, and then they could not share the precompiled
# header.
add_compile_options(-fPIC)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(LINTEL_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(LINTEL_TSAN "Build with ThreadSanitizer" OFF)
option(LINTEL_FUZZ "Build the fuzz targets with libFuzzer" OFF)
option(LINTEL_PROFILE "Instrument, to make cmake/release.profdata anew (./dev profile)" OFF)
option(LINTEL_UNITY "Compile each module as one file: quicker as a whole, slower by the edit, and functions of different
files are inlined into each other" OFF)
option(LINTEL_WERROR "Treat warnings as errors" OFF)

# What every server of the last ten years has, and what the scans over text are written for (base/byte_set.h).
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    add_compile_options(-march=x86-64-v2)
endif()

# RE2 asks for it; a precompiled header must be built with the same flag as everything that uses it.
add_compile_options(-pthread)

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
if(LINTEL_WERROR)
    add_compile_options(-Werror)
endif()

if(LINTEL_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(LINTEL_TSAN)
    add_compile_options(-fsanitize=thread)
    add_link_options(-fsanitize=thread)
endif()
if(LINTEL_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong
                        -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero)
    add_link_options(-pie -Wl,-z,relro,-z,now)
    # Which code is hot (docs/adr/0018-profile.md). Functions that changed since the profile was made are built without
    # it; the names of those that one file keeps to itself must not depend on where the sources lie.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        add_compile_options("SHELL:-mllvm -static-func-full-module-prefix=false")
        if(LINTEL_PROFILE)
            add_compile_options(-fprofile-generate)
            add_link_options(-fprofile-generate)
        else()
            # No build file knows that objects depend on the profile: its digest in their flags says so.
            set(profile ${CMAKE_SOURCE_DIR}/cmake/release.profdata)
            set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profile})
            file(SHA256 ${profile} digest)
            add_compile_options(-fprofile-use=${profile} -DLINTEL_PROFILE_DIGEST=${digest}
                                -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date
                                -Wno-profile-instr-missing -Wno-backend-plugin)
        endif()
    endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Debug")
    # -O1: symmetric transfer between coroutines needs tail calls, or deep loops overflow the stack.
    set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
endif()

find_program(LINTEL_CCACHE ccache)
if(LINTEL_CCACHE)
    # The sloppiness lets ccache work with precompiled headers; the flag keeps their bytes reproducible.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${LINTEL_CCACHE})
    add_compile_options("$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
find_program(LINTEL_MOLD NAMES mold)
if(LINTEL_MOLD)
    add_link_options(-fuse-ld=mold)
else()
    add_link_options(-fuse-ld=lld)
endif()
