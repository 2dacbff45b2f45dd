/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the bench and its generator tell each other. */
#ifndef MILLRACE_TESTS_BENCH_H
#define MILLRACE_TESTS_BENCH_H

#include <linux/types.h>

#define BENCH_FLOWS_MAX    65536 /* flows of one set of picks */
#define BENCH_SETS_MAX     16
#define BENCH_TEMPLATE_MAX 80
#define BENCH_TARGETS_MAX  128

/* What one flow changes in the template. Network byte order. */
struct bench_pick {
	__be32 saddr, daddr; /* IPv6: the last word */
	__be16 sport, dport;
};

struct bench_row {
	__u32 target;   /* index into bench_targets or bench_targets_xdp */
	__u32 base;     /* of the row's set in bench_picks */
	__u32 mask;     /* flows - 1, a power of two less one */
	__u32 counting; /* 1: a new flow with every packet, else at random */
	__u32 next;     /* of counting */
	__u32 pad;
	__u64 random;                      /* xorshift state; never 0 */
	__u8 template[BENCH_TEMPLATE_MAX]; /* Ethernet, IP and TCP header */
};

#endif
