/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who may ask a frontend (S-112 … S-116): lists of blocks that the control plane writes. */
#ifndef MILLRACE_RANGES_H
#define MILLRACE_RANGES_H

#include "family.h"

#define RANGES CAT(ranges, IPV)

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, range_key_t);
	__type(value, struct range);
} RANGES __weak SEC(".maps");

/* Whether a list holds this address. A list that is not there holds none. */
static __noinline bool range_has(__u32 list, const ip_t *ip)
{
	range_key_t key = {
		.prefixlen = RANGE_LIST_BITS + 8 * sizeof(*ip),
		.list = list,
		.addr = *ip,
	};

	return bpf_map_lookup_elem(&RANGES, &key);
}

#endif
