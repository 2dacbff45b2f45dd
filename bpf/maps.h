/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps of abi.h, under the common names of the family. Sizes are defaults: the loader may set
 * others before load. Each object holds only the maps that its programs use.
 */
#ifndef MILLRACE_MAPS_H
#define MILLRACE_MAPS_H

#include "bucket.h"
#include "maps_flow.h"

#define SVCS      CAT(svcs, IPV)
#define BACKENDS  CAT(backends, IPV)
#define ENDPOINTS CAT(endpoints, IPV)
#define FRAGS     CAT(frags, IPV)

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, svc_key_t);
	__type(value, struct svc);
} SVCS SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1048576);
	__type(key, __u32);
	__type(value, __u32);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 262144);
	__type(key, __u32);
	__type(value, backend_t);
} BACKENDS SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, endpoint_key_t);
	__type(value, struct endpoint);
} ENDPOINTS SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct dev_key);
	__type(value, struct dev);
} devs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DROP_REASON_MAX);
	__type(key, __u32);
	__type(value, struct drop_count);
} drops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_MAX);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

/* Small: an entry is of use for the moment that a datagram's fragments take to come by. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, frag_key_t);
	__type(value, struct frag);
} FRAGS SEC(".maps");

/* Of reject.h: private to the programs, read by nobody else. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bucket);
} reject_bucket SEC(".maps");

/* Written by the loader before load, so that the verifier sees constants. */
const volatile struct config config = {
	.snat_port_min = 20000,
	.snat_port_max = 29999,
	.reject_rate = 1000,
};

#endif
