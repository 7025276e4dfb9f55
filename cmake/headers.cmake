# Every header must compile alone: `ninja lintel_headers` compiles each as the only include of a source file, without the
# precompiled header that would hide what is missing.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/src/*.h)
list(FILTER headers EXCLUDE REGEX "_test\\.h$")
set(probes)
foreach(header ${headers})
    string(REGEX REPLACE "[^a-z0-9]" "_" name ${header})
    set(probe ${CMAKE_BINARY_DIR}/headers/${name}.cc)
    file(CONFIGURE OUTPUT ${probe} CONTENT "#include \"${header}\"\n")
    list(APPEND probes ${probe})
endforeach()
add_library(lintel_headers OBJECT EXCLUDE_FROM_ALL ${probes})
target_include_directories(lintel_headers PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(lintel_headers PRIVATE fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)
# Only the front end matters here.
target_compile_definitions(lintel_headers PRIVATE LINTEL_VERSION="${PROJECT_VERSION}")
target_compile_options(lintel_headers PRIVATE -O0 -g0)
