// SPDX-License-Identifier: Apache-2.0
/*
 * libbpf and the library reach the kernel by syscall(). This definition is found before the C
 * library's, so a test sits right at the seam without a hook in the product.
 */
#include "seam.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

static int (*seam_error)(long command);

void seam__use(int (*error)(long command))
{
	seam_error = error;
}

__attribute__((visibility("default"))) long syscall(long number, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list args;
	int err = 0;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == __NR_bpf && seam_error)
		err = seam_error(a[0]);
	if (err) {
		errno = err;
		return -1;
	}
	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
