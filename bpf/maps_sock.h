/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of the socket programs, under the common names of the family. */
#ifndef MILLRACE_MAPS_SOCK_H
#define MILLRACE_MAPS_SOCK_H

#include "family.h"

#define SOCKS     CAT(socks, IPV)
#define SOCK_LAST CAT(sock_last, IPV)
#define SOCK_TCP  CAT(sock_tcp, IPV)

/* UDP only. sock_release takes entries out; LRU takes care of sockets that asked for several frontends. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 131072);
	__type(key, sock_key_t);
	__type(value, sock_t);
} SOCKS SEC(".maps");

/* Goes with the socket by itself; its absence says that there is nothing to clean up. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, sock_last_t);
} SOCK_LAST SEC(".maps");

/*
 * To create storage costs a connect more than all else that it meets here, and cookies come in turn: one
 * connect's place lies beside the place of the connect before.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SOCK_TCP_PLACES);
	__type(key, __u32);
	__type(value, sock_tcp_t);
} SOCK_TCP SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct sock_off_key);
	__type(value, struct sock_off);
} sock_off SEC(".maps");

#endif
