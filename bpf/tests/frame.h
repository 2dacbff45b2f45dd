/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What frame.bpf.c and the harness tell each other about one test run. */
#ifndef MILLRACE_TESTS_FRAME_H
#define MILLRACE_TESTS_FRAME_H

#include <linux/types.h>

/* The verdict when the tail call found no program: a fault of the harness. */
#define FRAME_NO_TARGET 99

/*
 * How a packet was redirected: flags of the kernel's struct bpf_redirect_info, of which no uapi
 * header names more than the first.
 */
#define REDIRECT_FLAG_INGRESS (1U << 0)
#define REDIRECT_FLAG_NEIGH   (1U << 16)
#define REDIRECT_FLAG_PEER    (1U << 17)
#define REDIRECT_FLAG_NEXTHOP (1U << 18) /* with NEIGH: to the hop that was named */

#define FRAME_TARGETS 64

struct frame_before {
	__u32 target; /* index into frame_target */
	__u32 tc_index;
	__u32 cut; /* the packet's real length; 0 = as given */
	__u32 tag; /* 802.1Q, taken off as by the kernel before tc: 0x10000 | its tci; 0 = none */
};

struct frame_after {
	__u32 runs;
	__u32 tc_index;
	__u32 redirect_known; /* this kernel keeps the redirect where we can read it */
	__u32 redirect_ifindex;
	__u32 redirect_flags;
};

struct frame_io {
	struct frame_before before;
	struct frame_after after;
};

#endif
