# SPDX-License-Identifier: Apache-2.0
#
# millrace_bpf_object(TARGET name SOURCE file OUTPUT file [FLAGS ...] [NO_ABI_HASH])
#
# Compiles one BPF object with the project's flags. The ABI hash is known only once abigen has run,
# so it comes in through a response file; NO_ABI_HASH is for abigen's own input, and for what uses
# nothing generated.

set(MILLRACE_BPF_FLAGS -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror -Wshadow
	-I${PROJECT_SOURCE_DIR} -I${PROJECT_BINARY_DIR}/generated
	# The names of sources in BTF do not say where the build was.
	-ffile-prefix-map=${PROJECT_BINARY_DIR}=. -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
if(CMAKE_LIBRARY_ARCHITECTURE)
	# <asm/types.h> of Debian's multiarch layout, which -target bpf does not know.
	list(APPEND MILLRACE_BPF_FLAGS -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE})
endif()
# What the distribution takes over as it is: lib/bpf/*.bpf.o and lib/native/*.so.
set(MILLRACE_LIB_DIR "${PROJECT_BINARY_DIR}/lib")
set(MILLRACE_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")
set(MILLRACE_ABI_HASH_FLAGS "${MILLRACE_GENERATED_DIR}/abi_hash.rsp")

function(millrace_bpf_object)
	cmake_parse_arguments(PARSE_ARGV 0 arg "NO_ABI_HASH" "TARGET;SOURCE;OUTPUT" "FLAGS")
	get_filename_component(folder "${arg_OUTPUT}" DIRECTORY)
	set(depfile "${PROJECT_BINARY_DIR}/CMakeFiles/bpf_${arg_TARGET}.d")
	file(MAKE_DIRECTORY "${folder}")
	set(hash_flags "")
	set(hash_depends "")
	if(NOT arg_NO_ABI_HASH)
		set(hash_flags "@${MILLRACE_ABI_HASH_FLAGS}")
		set(hash_depends "${MILLRACE_ABI_HASH_FLAGS}" millrace_abi millrace_crc32c)
	endif()
	add_custom_command(OUTPUT "${arg_OUTPUT}"
		COMMAND "${MILLRACE_BPF_CLANG}" ${MILLRACE_BPF_FLAGS} ${hash_flags} ${arg_FLAGS}
			-MD -MF "${depfile}" -c "${arg_SOURCE}" -o "${arg_OUTPUT}"
		DEPENDS "${arg_SOURCE}" ${hash_depends}
		DEPFILE "${depfile}"
		COMMENT "BPF ${arg_TARGET}"
		VERBATIM)
	add_custom_target(bpf_${arg_TARGET} ALL DEPENDS "${arg_OUTPUT}")
endfunction()

# millrace_bpf_linked_object(TARGET name SOURCE file PART file OUTPUT file)
#
# One object of a program that calls into both families: SOURCE, and PART compiled for each, for frames
# without a VLAN tag and with one.
function(millrace_bpf_linked_object)
	cmake_parse_arguments(PARSE_ARGV 0 arg "" "TARGET;SOURCE;PART;OUTPUT" "")
	set(folder "${PROJECT_BINARY_DIR}/bpf/parts")
	set(objects "${folder}/${arg_TARGET}.o")
	millrace_bpf_object(TARGET ${arg_TARGET}_entry SOURCE "${arg_SOURCE}" OUTPUT "${objects}")
	foreach(family 4 6)
		foreach(tag 0 4)
			set(part "${arg_TARGET}_part${family}_tag${tag}")
			millrace_bpf_object(TARGET ${part} SOURCE "${arg_PART}" OUTPUT "${folder}/${part}.o"
				FLAGS -DIPV=${family} -DTAG_LEN=${tag})
			list(APPEND objects "${folder}/${part}.o")
		endforeach()
	endforeach()
	add_custom_command(OUTPUT "${arg_OUTPUT}"
		COMMAND bpflink "${arg_OUTPUT}" ${objects}
		DEPENDS bpflink ${objects}
		COMMENT "BPF ${arg_TARGET}, linked"
		VERBATIM)
	add_custom_target(bpf_${arg_TARGET} ALL DEPENDS "${arg_OUTPUT}")
endfunction()
