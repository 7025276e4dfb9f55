# lintel_module(NAME DEPS modules... LIBS libraries... EMBED files... [TEST_LIBS ...])
# A module is a folder: its *.cc are the library lintel_NAME, its *_test.cc are the program NAME_test, its *_bench.cc the
# program NAME_bench. EMBED turns files into constants (tools/embed.py): "x.schema.json" -> embedded::x_schema_json.
add_library(lintel_pch STATIC ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
target_precompile_headers(lintel_pch PRIVATE
    <algorithm> <array> <atomic> <chrono> <coroutine> <cstdint> <cstring> <expected> <functional> <map> <memory>
    <mutex> <optional> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h> <nlohmann/json.hpp>)
target_link_libraries(lintel_pch PUBLIC fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)

function(lintel_module name)
    cmake_parse_arguments(arg "" "" "DEPS;LIBS;EMBED;TEST_LIBS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc)
    set(tests ${sources})
    set(benches ${sources})
    list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cc$")
    list(FILTER tests INCLUDE REGEX "_test\\.cc$")
    list(FILTER benches INCLUDE REGEX "_bench\\.cc$")

    set(generated)
    foreach(file ${arg_EMBED})
        cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE OUTPUT_VARIABLE path)
        cmake_path(GET path FILENAME stem)
        string(REGEX REPLACE "[^A-Za-z0-9]" "_" symbol ${stem})
        string(REGEX REPLACE "^([0-9])" "file_\\1" symbol ${symbol})
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
        target_precompile_headers(lintel_${name} REUSE_FROM lintel_pch)
        target_include_directories(lintel_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
        target_link_libraries(lintel_${name} PUBLIC ${arg_DEPS} ${arg_LIBS} fmt::fmt nlohmann_json::nlohmann_json)
    else()
        add_library(lintel_${name} INTERFACE)
        target_include_directories(lintel_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
        target_link_libraries(lintel_${name} INTERFACE ${arg_DEPS} ${arg_LIBS} fmt::fmt nlohmann_json::nlohmann_json)
    endif()

    if(tests)
        add_executable(${name}_test ${tests})
        target_precompile_headers(${name}_test REUSE_FROM lintel_pch)
        target_include_directories(${name}_test PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
        target_link_libraries(${name}_test PRIVATE lintel_${name} ${arg_TEST_LIBS} GTest::gtest GTest::gtest_main)
        target_compile_definitions(${name}_test PRIVATE LINTEL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
        add_test(NAME ${name} COMMAND ${name}_test)
    endif()
    if(benches)
        add_executable(${name}_bench ${benches})
        target_precompile_headers(${name}_bench REUSE_FROM lintel_pch)
        target_link_libraries(${name}_bench PRIVATE lintel_${name} ${arg_TEST_LIBS} benchmark::benchmark benchmark::benchmark_main)
    endif()
endfunction()
