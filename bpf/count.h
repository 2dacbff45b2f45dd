/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Per-CPU counters: plain adds, since nobody else writes this CPU's cell. */
#ifndef MILLRACE_COUNT_H
#define MILLRACE_COUNT_H

#include "maps.h"

static __always_inline void count_add(enum counter counter, __u64 n)
{
	__u32 key = counter;
	__u64 *cell = bpf_map_lookup_elem(&counters, &key);

	if (cell)
		*cell += n;
}

static __always_inline void count(enum counter counter)
{
	count_add(counter, 1);
}

#endif
