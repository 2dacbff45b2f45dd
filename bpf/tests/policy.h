/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables of policies, written as the control plane would. */
#ifndef MILLRACE_TESTS_POLICY_H
#define MILLRACE_TESTS_POLICY_H

#include "test.h"

/* The epoch of cases under policies. */
#define EPOCH 7

/* Whether policies of this node are about it. */
static inline bool is_pod_here(enum host host)
{
	return host == POD_A || host == POD_B || host == POD_C || host == BRIDGED;
}

/* The tables that every case starts with: none. */
void policy_reset(struct run *r);

/*
 * Policies are in force: the block of this node's pods is closed, all pods of the lab have subjects, and
 * none of them is isolated. New entries of flows are of EPOCH.
 */
void policy_begin(struct run *r, uint32_t flags);

/* The flags, or the epoch, from now on. Entries are expected with the latter. */
void policy_flags(struct run *r, uint32_t flags);
void policy_epoch(struct run *r, uint32_t epoch);

/* The sets of a pod. */
void subject(struct run *r, enum host host, uint64_t ingress, uint64_t egress);
void subject_on(struct run *r, enum host host, uint64_t ingress, uint64_t egress, uint32_t side);
void subject_gone(struct run *r, enum host host);

/* The device of a pod whose addresses are all known. */
void dev_own(struct run *r, uint32_t ifindex);

/* Classes, on both sides alike or on one each. */
void peer(struct run *r, enum host host, uint64_t peer_class);
void peer_on(struct run *r, enum host host, uint64_t side0, uint64_t side1);
void block(struct run *r, enum host host, uint32_t prefixlen, uint64_t peer_class);
void block_on(struct run *r, const struct addr *addr, uint32_t prefixlen, uint64_t side0,
              uint64_t side1);
void ports(struct run *r, uint16_t from, uint16_t to, uint32_t port_class);
void ports_on(struct run *r, uint32_t side, uint8_t proto, uint16_t from, uint16_t to,
              uint32_t port_class);

/* A set, and its rows. Rules are numbers of bits; a list ends with NO_RULE. */
#define NO_RULE    EVENT_NO_RULE
#define RULES(...) ((const uint16_t[]){ __VA_ARGS__ __VA_OPT__(, ) NO_RULE })

struct rules {
	const uint16_t *any_peer, *any_peer6, *any_port; /* any_peer6: unless the same in IPv6 */
	uint64_t next;
	bool audit;
};

#define policy_set_of(r, id, ...) policy_set_of_(r, id, (struct rules){ __VA_ARGS__ })
void policy_set_of_(struct run *r, uint64_t id, struct rules rules);
void policy_peers(struct run *r, uint64_t id, uint64_t peer_class, const uint16_t *rules);
void policy_ports(struct run *r, uint64_t id, uint32_t port_class, const uint16_t *rules);

#endif
