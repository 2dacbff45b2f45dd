// SPDX-License-Identifier: Apache-2.0
/* In place of the collector: answers with what it was asked. */
#include "fixture.h"

SEC("syscall") int F(gc)(struct gc_args *args)
{
	args->scanned = args->timeout[TIMEOUT_TCP_NEW];
	args->live = IPV;
	return 0;
}
