/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of abi_policy.h. The tables of sets and ports serve both families. */
#ifndef MILLRACE_MAPS_POLICY_H
#define MILLRACE_MAPS_POLICY_H

#include "family.h"

#define SUBJECTS CAT(subjects, IPV)
#define PEERS    CAT(peers, IPV)
#define BLOCKS   CAT(blocks, IPV)

/* Of both families: who is behind a device may be known by either (sender.h). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct endpoint4_key);
	__type(value, struct subject);
} subjects4 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct endpoint6_key);
	__type(value, struct subject);
} subjects6 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, endpoint_key_t);
	__type(value, struct peer);
} PEERS __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, block_key_t);
	__type(value, struct block);
} BLOCKS __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 8192);
	__type(key, struct policy_set_key);
	__type(value, struct policy_set);
} sets __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 131072);
	__type(key, struct set_peer_key);
	__type(value, struct rule_bits);
} set_peers __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct set_port_key);
	__type(value, struct rule_bits);
} set_ports __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, POLICY_SIDES *PORT_PROTOS *PORT_CELLS);
	__type(key, __u32);
	__type(value, struct port_cell);
} port_cells __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guard);
} guard __weak SEC(".maps");

#endif
