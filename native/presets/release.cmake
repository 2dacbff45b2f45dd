# SPDX-License-Identifier: Apache-2.0
# What the distribution is built with: cmake -C native/presets/release.cmake -S . -B target/native
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(MILLRACE_SANITIZE OFF CACHE BOOL "")
set(MILLRACE_JNI ON CACHE BOOL "")
