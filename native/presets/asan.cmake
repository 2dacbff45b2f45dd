# SPDX-License-Identifier: Apache-2.0
# The C tests under ASan and UBSan. Without the JNI library, which a JVM could not load like this.
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(MILLRACE_SANITIZE ON CACHE BOOL "")
set(MILLRACE_JNI OFF CACHE BOOL "")
