/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether services are served here, or left to who else serves them on this node (kube-proxy): while
 * our programs are being put in place, and once we have handed back. Asked where a flow would be opened
 * and nowhere else: known flows go on as they were begun.
 */
#ifndef MILLRACE_SERVING_H
#define MILLRACE_SERVING_H

#include "family.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SERVING_MAX);
	__type(key, __u32);
	__type(value, __u32);
} serving __weak SEC(".maps");

static __always_inline __u32 serving_says(__u32 index)
{
	__u32 *value = bpf_map_lookup_elem(&serving, &index);

	return value ? *value : 0;
}

/* New connections to services go on as they came, and somebody behind us translates them. */
static __always_inline bool serving_is_held(void)
{
	return serving_says(SERVING_HELD) != HOLD_NONE;
}

/*
 * Whether a socket without a peer may have spoken to a service before we served it: its packets tell, and
 * it must not be led elsewhere.
 */
static __always_inline bool serving_is_shared(void)
{
	return serving_is_held() || serving_says(SERVING_ADOPTED) == ADOPTED_UDP;
}

#endif
