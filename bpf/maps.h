/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps of abi.h, under the common names of the family. Sizes are defaults: the loader may set
 * others before load. Each object holds only the maps that its programs use. What the families share is
 * weak: where both are linked into one object it is there once.
 */
#ifndef MILLRACE_MAPS_H
#define MILLRACE_MAPS_H

#include "maps_flow.h"

#define SVCS      CAT(svcs, IPV)
#define BACKENDS  CAT(backends, IPV)
#define ENDPOINTS CAT(endpoints, IPV)

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, svc_key_t);
	__type(value, struct svc);
} SVCS __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4194304);
	__type(key, __u32);
	__type(value, __u64);
} slots __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 262144);
	__type(key, __u32);
	__type(value, backend_t);
} BACKENDS __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, endpoint_key_t);
	__type(value, struct endpoint);
} ENDPOINTS __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct dev_key);
	__type(value, struct dev);
} devs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DROP_REASON_MAX);
	__type(key, __u32);
	__type(value, struct drop_count);
} drops __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_MAX);
	__type(key, __u32);
	__type(value, __u64);
} counters __weak SEC(".maps");

/* Written by the loader before load, so that the verifier sees constants. */
__weak const volatile struct config config = {
	.snat_port_min = 20000,
	.snat_port_max = 29999,
	.reject_rate = 1000,
};

#endif
