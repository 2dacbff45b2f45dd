# SPDX-License-Identifier: Apache-2.0
#
# Compilers and libraries, and the flags that every C target of the project gets.
#   MILLRACE_BPF_CLANG  the newest clang found
#   millrace::flags     interface target: warnings, hardening, sanitizers
#   millrace::libbpf    imported target: libbpf, shared

option(MILLRACE_SANITIZE "Build with ASan and UBSan" OFF)
option(MILLRACE_FUZZ "Build the fuzz targets; the compiler must be a clang" OFF)
option(MILLRACE_JNI "Build the JNI library" ON)

find_program(MILLRACE_BPF_CLANG
	NAMES clang-22 clang-21 clang-20 clang-19 clang-18 clang-17 clang-16 clang-15 clang-14 clang
	DOC "compiler of the BPF programs")
if(NOT MILLRACE_BPF_CLANG)
	message(FATAL_ERROR "no clang found: install the package clang (14 or newer)")
endif()

find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBBPF REQUIRED IMPORTED_TARGET libbpf>=1.1)
add_library(millrace_libbpf INTERFACE)
add_library(millrace::libbpf ALIAS millrace_libbpf)
target_link_libraries(millrace_libbpf INTERFACE PkgConfig::LIBBPF)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(millrace_flags INTERFACE)
add_library(millrace::flags ALIAS millrace_flags)
target_compile_definitions(millrace_flags INTERFACE _GNU_SOURCE)
target_compile_options(millrace_flags INTERFACE
	-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
	-fstack-protector-strong)
target_link_options(millrace_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(MILLRACE_SANITIZE)
	set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_compile_options(millrace_flags INTERFACE ${sanitize})
	target_link_options(millrace_flags INTERFACE ${sanitize})
	if(MILLRACE_FUZZ)
		target_compile_options(millrace_flags INTERFACE -fsanitize=fuzzer-no-link)
	endif()
elseif(CMAKE_BUILD_TYPE STREQUAL Release)
	# Some distributions' compilers predefine it.
	target_compile_options(millrace_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
