/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables that the bench runs over, and the flows in them. */
#ifndef MILLRACE_TESTS_WORLD_H
#define MILLRACE_TESTS_WORLD_H

#include "bench.h"
#include "test.h"

/* Sets of picks; IPv6 follows IPv4 at SET_MAX. */
enum pick_set {
	SET_NODEPORT,       /* clients to the NodePort */
	SET_NODEPORT_REPLY, /* what comes back of that */
	SET_CLUSTER_IP,     /* pods to the ClusterIP */
	SET_UNRELATED,      /* clients to this host */
	SET_NEW,            /* clients to the NodePort that have not come yet */
	SET_POD_TO_POD,     /* a pod to 10,000 others, new */
	SET_POD_TO_BLOCK,   /* a pod to 5,000 blocks of addresses that are no pods', new */
	SET_MAX,
};

#define BENCH_PODS   10000
#define BENCH_BLOCKS 5000

/* Whether a pod sends these packets; else they come in by an uplink. */
static inline bool set_is_of_pod(enum pick_set set)
{
	return set == SET_CLUSTER_IP || set == SET_POD_TO_POD || set == SET_POD_TO_BLOCK;
}

#define NO_POLICIES -1 /* and no agent that enforces any */

struct world {
	struct objects o;
	uint32_t services;
	int policies; /* in the cluster, or NO_POLICIES */
};

/* An address further on in the block of a host. */
struct addr addr_plus(int family, enum host host, uint32_t n);

/* Policies in force, for pods and blocks of SET_POD_TO_POD and SET_POD_TO_BLOCK, which the pod may reach. */
void policies_fill(struct world *w, int family);

/* Writes a service with 16 remote backends and as many others as make up world->services. */
void world_fill(struct world *w, int family);

/* The picks of a set that does not depend on chosen ports. */
void picks_fill(int family, enum pick_set set, struct bench_pick picks[BENCH_FLOWS_MAX]);

/* The picks of the answers to SET_NODEPORT, read from the flow table. 0, or -1 after a message. */
int picks_fill_replies(struct world *w, int family, struct bench_pick picks[BENCH_FLOWS_MAX]);

struct frame_spec {
	struct mac dst_mac, src_mac;
	struct addr saddr, daddr;
	uint16_t sport, dport;
	uint8_t ttl, flags;
};

/* A TCP segment without data. */
struct pkt frame_of(int family, const struct frame_spec *spec);

/* The key of the flow that a pick of a set makes. */
void pick_key(int family, enum pick_set set, const struct bench_pick *pick, struct flow *flow);

/* Deletes the flows of the first n picks of a set, both halves. */
void flows_forget(struct objects *o, int family, enum pick_set set, const struct bench_pick *picks,
                  uint32_t n);

/* Copies a flow table, for the floors. 0, or -1 after a message. */
int flows_copy(int from, int to);

#endif
