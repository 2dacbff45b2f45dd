/* SPDX-License-Identifier: Apache-2.0 */
/* The least that the loader asks of an object: hash, configuration, maps of abi.h. */
#ifndef MILLRACE_FIXTURE_H
#define MILLRACE_FIXTURE_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/abi.h"

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define F(name)      PASTE(name, IPV)
#define STRUCT(a, b) struct PASTE(PASTE(a, IPV), b)

char LICENSE[] SEC("license") = "GPL";

const volatile __u64 abi_hash = ABI_HASH;

#ifndef SVC_VALUE
#define SVC_VALUE struct svc
#endif

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 64);
	__type(key, STRUCT(svc, _key));
	__type(value, SVC_VALUE);
} F(svcs) SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, STRUCT(flow, _key));
	__type(value, struct F(flow));
} F(flows) SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_MAX);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

/* Private to the programs: shared between objects, not pinned. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} scratch SEC(".maps");

/* Counts a packet in counter @index and lets it pass. */
static __always_inline int count(__u32 index)
{
	__u64 *counter = bpf_map_lookup_elem(&counters, &index);
	__u32 zero = 0, *shared = bpf_map_lookup_elem(&scratch, &zero);

	if (counter)
		++*counter;
	if (shared)
		++*shared;
	return -1;
}

#endif
