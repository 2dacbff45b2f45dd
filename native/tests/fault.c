// SPDX-License-Identifier: Apache-2.0
#include "fault.h"

#include "seam.h"

static int fault_command = -1, fault_skip, fault_err;

static int error_of(long command)
{
	return command == fault_command && fault_skip-- <= 0 ? fault_err : 0;
}

void fault__set(int command, int skip, int err)
{
	fault_command = command;
	fault_skip = skip;
	fault_err = err;
	seam__use(error_of);
}

void fault__clear(void)
{
	fault_command = -1;
}
