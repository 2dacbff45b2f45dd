# SPDX-License-Identifier: Apache-2.0
#
# Compares what abigen writes with golden/, and checks that what Java cannot express is refused.

function(check_same actual golden)
	file(READ "${WORK}/${actual}" got)
	file(READ "${GOLDEN}/${golden}" expected)
	if(NOT got STREQUAL expected)
		message(FATAL_ERROR "${actual} is not as in ${GOLDEN}/${golden}:\n${got}")
	endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
execute_process(
	COMMAND "${ABIGEN}" --object "${OBJECT}" --package golden --java "${WORK}"
		--header "${WORK}/hash.h" --flags "${WORK}/hash.rsp" --layout "${WORK}/layout.txt"
	RESULT_VARIABLE failed)
if(failed)
	message(FATAL_ERROR "abigen failed")
endif()
foreach(class OuterKey ThingKind Abi)
	check_same(${class}.java ${class}.java.txt)
endforeach()
check_same(layout.txt layout.txt)
check_same(hash.h hash.h.txt)
check_same(hash.rsp hash.rsp)

execute_process(COMMAND "${ABIGEN}" --object "${REFUSED}" --layout "${WORK}/refused.txt"
	RESULT_VARIABLE failed ERROR_VARIABLE why)
if(NOT failed OR NOT why MATCHES "outer_key.bit is a bit field")
	message(FATAL_ERROR "a bit field was not refused: ${why}")
endif()
