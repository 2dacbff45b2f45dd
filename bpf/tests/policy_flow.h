/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What cases about connections under policies share: numbers of sets, and a pair of entries at POD_A. */
#ifndef MILLRACE_TESTS_POLICY_FLOW_H
#define MILLRACE_TESTS_POLICY_FLOW_H

#include "policy.h"

#define IN_SET 0x1000
#define EG_SET 0x2000

#define MADE .counts = { [COUNTER_FLOWS_PLAIN] = 1 }

static inline struct tuple of_proto(struct run *r, struct tuple t)
{
	if (r->proto == IPPROTO_ICMP)
		t.dport = t.sport;
	return t;
}

/* A plain pair from outside, or from this host, to POD_A. */
static inline void expect_to_pod(struct run *r, struct tuple t, uint16_t flags, uint8_t state)
{
	pair_expect(r, t, t, .flags = FLOW_PLAIN | flags, .from = IFINDEX_OUTSIDE,
	            .reply_from = PODA, .state = state);
}

#endif
