/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the pods of the cluster live, on whichever node. */
#ifndef MILLRACE_CLUSTER_H
#define MILLRACE_CLUSTER_H

#include "family.h"

#define CLUSTER CAT(cluster, IPV)

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, cluster_key_t);
	__type(value, struct cluster);
} CLUSTER __weak SEC(".maps");

/* Whether it is a pod's address. The host's masquerading leaves addresses of these blocks alone. */
static __noinline bool cluster_has(const ip_t *ip)
{
	cluster_key_t key = { .prefixlen = 8 * sizeof(*ip), .addr = *ip };

	return bpf_map_lookup_elem(&CLUSTER, &key);
}

#endif
