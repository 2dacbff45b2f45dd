/* SPDX-License-Identifier: Apache-2.0 */
/* Versions and layouts of today, as next.c knows them once abi.h has the next ones. */
#ifndef MILLRACE_NEXT_NOW_H
#define MILLRACE_NEXT_NOW_H

#include "abi.h"

#define NOW_FLOWS 1
#define NOW_SVCS  4

struct now_flow4 {
	__u32 seen;
	__u8 state;
	__u8 pad;
	__u16 flags;
	__be32 saddr, daddr;
	__be16 sport, dport;
	__u16 addr_csum;
	__u16 port_csum;
	__u32 svc;
	__u32 backend;
	__u16 backend_gen;
	__u16 pad2;
	__u32 epoch;
	__u32 in_ifindex;
	__u32 out_ifindex;
};
ABI_SIZE(now_flow4, 48);

struct now_flow6 {
	__u32 seen;
	__u8 state;
	__u8 pad;
	__u16 flags;
	struct addr6 saddr, daddr;
	__be16 sport, dport;
	__u16 addr_csum;
	__u16 port_csum;
	__u32 svc;
	__u32 backend;
	__u16 backend_gen;
	__u16 pad2;
	__u32 epoch;
	__u32 in_ifindex;
	__u32 out_ifindex;
};
ABI_SIZE(now_flow6, 72);

struct now_svc {
	__u32 id;
	__u8 algo;
	__u8 flags;
	__u16 pad;
	__u32 affinity_s;
	struct slots all, local, ring;
	__u32 ranges;
};
ABI_SIZE(now_svc, 40);

#endif
