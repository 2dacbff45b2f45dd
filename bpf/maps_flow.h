/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The flow table of the family, and the stamp that every object carries. */
#ifndef MILLRACE_MAPS_FLOW_H
#define MILLRACE_MAPS_FLOW_H

#include "family.h"

#define FLOWS CAT(flows, IPV)
#define ROOM  CAT(room, IPV)

/* LRU as a backstop only: room.h and gc keep it from filling, so that eviction takes no live flow. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, IPV == 4 ? 524288 : 262144);
	__type(key, flow_key_t);
	__type(value, flow_t);
} FLOWS __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct room);
} ROOM __weak SEC(".maps");

/* The layout this object was compiled against; the loader refuses any other than its own. */
__weak const volatile __u64 abi_hash = ABI_HASH;

#endif
