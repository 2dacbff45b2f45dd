/* SPDX-License-Identifier: Apache-2.0 */
/* What tell.bpf.c is asked. */
#ifndef MILLRACE_TELL_H
#define MILLRACE_TELL_H

#include <linux/types.h>

#define TELL_MAX 4096

struct tell_args {
	__u64 first;
	__u32 count; /* at most TELL_MAX */
	__u32 odd;   /* records of another length */
	__u32 told;  /* out: how many found room */
	__u32 pad;
};

#endif
