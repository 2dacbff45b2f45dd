/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Per-CPU counters: plain adds, since nobody else writes this CPU's cell. */
#ifndef MILLRACE_COUNT_H
#define MILLRACE_COUNT_H

#include <linux/pkt_cls.h>

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

static __always_inline void count_drop(struct __sk_buff *skb, enum drop_reason reason)
{
	__u32 key = reason;
	struct drop_count *cell = bpf_map_lookup_elem(&drops, &key);

	if (cell) {
		cell->packets += 1;
		cell->bytes += skb->len;
	}
}

/* The one place where packets end. */
static __always_inline int drop(struct __sk_buff *skb, enum drop_reason reason)
{
	count_drop(skb, reason);
	return TC_ACT_SHOT;
}

#endif
