# lintel_module(NAME [POSTGRES] [SEPARATE] DEPS modules... LIBS libraries... EMBED files... [PRECOMPILE headers...] [TEST_LIBS ...])
# A module is a folder: its *.cc (but main.cc) are the library lintel_NAME, its *_test.cc are the program NAME_test, its *_bench.cc the
# program NAME_bench. EMBED turns files into constants (tools/embed.py): "x.schema.json" -> embedded::x_schema_json; the
# schemas of plugins (NAME/x/x.schema.json) are found by themselves, so that a plugin is its folder and its registry line.
# PRECOMPILE names heavy headers that most files of the module include. SEPARATE keeps the files of the library apart where
# the others are compiled as one (LINTEL_UNITY): for modules of like parts, whose local names are the same on purpose.
# POSTGRES: its tests want a PostgreSQL server.
set(LINTEL_PRECOMPILED
    <algorithm> <array> <atomic> <chrono> <coroutine> <cstdint> <cstring> <expected> <functional> <map> <memory>
    <mutex> <optional> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
    <fmt/core.h> ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
add_library(lintel_pch STATIC ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
target_precompile_headers(lintel_pch PRIVATE ${LINTEL_PRECOMPILED})
target_link_libraries(lintel_pch PUBLIC fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)

# Test code runs once; what it tests is optimised. A program must have the flags of the header it reuses.
set(LINTEL_TEST_FLAGS -O0 "$<$<CONFIG:Release>:-U_FORTIFY_SOURCE>")
add_library(lintel_test_pch STATIC ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
target_precompile_headers(lintel_test_pch PRIVATE ${LINTEL_PRECOMPILED} <gtest/gtest.h>)
target_compile_options(lintel_test_pch PRIVATE ${LINTEL_TEST_FLAGS})
target_link_libraries(lintel_test_pch PUBLIC lintel_pch GTest::gtest)

function(lintel_module name)
    cmake_parse_arguments(arg "POSTGRES;SEPARATE" "" "DEPS;LIBS;EMBED;PRECOMPILE;TEST_LIBS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc)
    set(tests ${sources})
    set(benches ${sources})
    list(FILTER sources EXCLUDE REGEX "(_(test|bench)|/main)\\.cc$")
    list(FILTER tests INCLUDE REGEX "_test\\.cc$")
    list(FILTER benches INCLUDE REGEX "_bench\\.cc$")

    set(generated)
    file(GLOB embedded CONFIGURE_DEPENDS */*.schema.json)
    foreach(file ${arg_EMBED})
        cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE OUTPUT_VARIABLE path)
        list(APPEND embedded ${path})
    endforeach()
    list(REMOVE_DUPLICATES embedded)
    foreach(path ${embedded})
        cmake_path(GET path FILENAME stem)
        string(REGEX REPLACE "[^A-Za-z0-9]" "_" symbol ${stem})
        if(symbol MATCHES "^[0-9]")
            string(PREPEND symbol "file_")
        endif()
        set(header ${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.h)
        set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.cc)
        add_custom_command(OUTPUT ${header} ${source}
            COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tools/embed.py ${path} ${symbol} ${header} ${source}
            DEPENDS ${path} ${CMAKE_SOURCE_DIR}/tools/embed.py)
        list(APPEND generated ${header} ${source})
    endforeach()

    list(TRANSFORM arg_DEPS PREPEND lintel_)
    if(sources OR generated)
        add_library(lintel_${name} STATIC ${sources} ${generated})
        if(arg_PRECOMPILE)
            target_precompile_headers(lintel_${name} PRIVATE ${LINTEL_PRECOMPILED} ${arg_PRECOMPILE})
        else()
            target_precompile_headers(lintel_${name} REUSE_FROM lintel_pch)
        endif()
        if(LINTEL_UNITY AND NOT arg_SEPARATE)
            set_target_properties(lintel_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
            set_source_files_properties(${generated} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
        endif()
        target_include_directories(lintel_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
        target_link_libraries(lintel_${name} PUBLIC ${arg_DEPS} ${arg_LIBS} fmt::fmt nlohmann_json::nlohmann_json)
    else()
        add_library(lintel_${name} INTERFACE)
        target_include_directories(lintel_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
        target_link_libraries(lintel_${name} INTERFACE ${arg_DEPS} ${arg_LIBS} fmt::fmt nlohmann_json::nlohmann_json)
    endif()

    if(tests)
        add_executable(${name}_test ${tests})
        target_precompile_headers(${name}_test REUSE_FROM lintel_test_pch)
        target_compile_options(${name}_test PRIVATE ${LINTEL_TEST_FLAGS})
        target_include_directories(${name}_test PRIVATE ${CMAKE_CURRENT_BINARY_DIR} ${CMAKE_SOURCE_DIR}/test)
        target_link_libraries(${name}_test PRIVATE lintel_${name} ${arg_TEST_LIBS} GTest::gtest GTest::gtest_main)
        target_compile_definitions(${name}_test PRIVATE LINTEL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
        # A test file is mostly the headers it reads: four read them once.
        set_target_properties(${name}_test PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 4)
        if(arg_POSTGRES)
            add_test(NAME ${name} COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/test/support/with_postgres.py $<TARGET_FILE:${name}_test>)
        else()
            add_test(NAME ${name} COMMAND ${name}_test)
        endif()
    endif()
    if(benches)
        add_executable(${name}_bench ${benches})
        target_precompile_headers(${name}_bench REUSE_FROM lintel_pch)
        target_link_libraries(${name}_bench PRIVATE lintel_${name} ${arg_TEST_LIBS} benchmark::benchmark benchmark::benchmark_main)
    endif()
endfunction()
