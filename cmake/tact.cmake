# How every target of the project is built: language level, warnings, sanitizers, linker, compiler cache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# CHECK stays on in every build; -g1 keeps readable back traces in release at a tenth of the size.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

# Paths are hashed relative to the source root, so that every clone shares one cache; precompiled headers need the
# sloppiness (ccache manual, "Precompiled headers").
find_program(TACT_CCACHE ccache)
if(TACT_CCACHE)
  set(launcher "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros "${TACT_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
find_program(TACT_LLD ld.lld)
if(TACT_LLD)
  add_link_options(-fuse-ld=lld)
endif()
# One place for all binaries: scripts and tests find them without knowing the tree.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

add_compile_options(-fno-omit-frame-pointer)
if(TACT_SANITIZE)
  # Instrumented Asio and Beast take minutes a file at -O2, and the findings are the same.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
  add_compile_options(-fsanitize=${TACT_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TACT_SANITIZE})
endif()

set(TACT_WARNINGS -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
    -Wno-missing-field-initializers -Werror)
if(TACT_SANITIZE)
  # Instrumented code makes g++ 12 see uninitialised variables and mismatched deletes that are not there. What is
  # really wrong stops the release build.
  list(APPEND TACT_WARNINGS -Wno-error)
endif()

# tact_library(NAME SOURCES ... [LINK ...]): a static library with headers relative to the source root.
function(tact_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE ${TACT_WARNINGS})
  target_link_libraries(${name} PUBLIC ${arg_LINK})
endfunction()

# Messages are made in one thread and freed in another, which glibc's malloc is slow at (bench/README.md, log).
find_library(TACT_ALLOCATOR jemalloc REQUIRED)
if(TACT_SANITIZE)
  set(TACT_ALLOCATOR "")  # they bring their own
endif()

# tact_binary(NAME SOURCES ... [LINK ...])
function(tact_binary name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE ${TACT_WARNINGS})
  target_link_libraries(${name} PRIVATE ${arg_LINK} ${TACT_ALLOCATOR})
endfunction()

# tact_test(NAME SOURCES ... [LINK ...] [LABELS ...]): one GoogleTest binary, one ctest entry. Tests find
# data files below TACT_SOURCE_DIR and sibling programs below TACT_BIN_DIR.
function(tact_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  tact_binary(${name} SOURCES ${arg_SOURCES} LINK ${arg_LINK} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE
    TACT_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TACT_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
