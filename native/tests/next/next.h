/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change of layouts looks like: those of flows and frontends that the next version might have,
 * and what leads to them from today's. The tests of migrate.c use it, and deploy/e2e/upgrade.sh
 * builds an agent of that version, whose abi.h is what abi.sed makes of today's.
 */
#ifndef MILLRACE_NEXT_H
#define MILLRACE_NEXT_H

#include "abi.h"
#include "migrate.h"

/* The clock and the epoch have changed places. IPv4 is longer; IPv6 fills the programs' stacks as it is. */
struct next_flow4 {
	__u32 epoch;
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
	__u32 seen;
	__u32 in_ifindex;
	__u32 out_ifindex;
	__u32 born, pad3;
};
ABI_SIZE(next_flow4, 56);

struct next_flow6 {
	__u32 epoch;
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
	__u32 seen;
	__u32 in_ifindex;
	__u32 out_ifindex;
};
ABI_SIZE(next_flow6, 72);

/* Everything has moved by a word. */
struct next_svc {
	__u32 spare;
	__u32 id;
	__u8 algo;
	__u8 flags;
	__u16 pad;
	__u32 affinity_s;
	struct slots all, local, ring;
	__u32 ranges;
};
ABI_SIZE(next_svc, 44);

/* In an agent of the next version they have the name of those that it uses. */
#ifndef NEXT_MIGRATIONS
#define NEXT_MIGRATIONS next_migrations
#endif
extern const struct migration NEXT_MIGRATIONS[];

#endif
