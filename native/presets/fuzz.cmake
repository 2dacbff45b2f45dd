# SPDX-License-Identifier: Apache-2.0
# The fuzz targets, by a clang with libFuzzer: CC=clang-19 cmake -C native/presets/fuzz.cmake -S . -B target/fuzz
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(MILLRACE_SANITIZE ON CACHE BOOL "")
set(MILLRACE_FUZZ ON CACHE BOOL "")
set(MILLRACE_JNI OFF CACHE BOOL "")
