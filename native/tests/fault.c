// SPDX-License-Identifier: Apache-2.0
/*
 * libbpf and the library reach the kernel by syscall(). This definition is found before the C
 * library's, so a test sits right at the seam without a hook in the product.
 */
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fault_command = -1, fault_skip, fault_err;

void fault__set(int command, int skip, int err)
{
	fault_command = command;
	fault_skip = skip;
	fault_err = err;
}

void fault__clear(void)
{
	fault_command = -1;
}

__attribute__((visibility("default"))) long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == __NR_bpf && a[0] == fault_command && fault_skip-- <= 0) {
		errno = fault_err;
		return -1;
	}
	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
