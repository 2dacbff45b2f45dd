/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The first packet of a flow: everything that is decided once per connection is decided here.
 */
#ifndef MILLRACE_OPEN_H
#define MILLRACE_OPEN_H

#ifndef MILLRACE_JUDGE_H
#error "include judge.h or judge_xdp.h first"
#endif

#include "affinity.h"
#include "cluster.h"
#include "ctx.h"
#include "fib.h"
#include "pair.h"
#include "ranges.h"
#include "room.h"
#include "service.h"

/* Where the source address of a flow to a remote backend comes from: the device it leaves by. */
static __noinline int open_snat_address(ctx_t *ctx, __u8 proto, flow_t *flow)
{
	struct bpf_fib_lookup fib;

	fib_fill(&fib, flow, proto, ctx_ifindex(ctx));
	switch (bpf_fib_lookup(ctx, &fib, sizeof(fib), 0)) {
	case BPF_FIB_LKUP_RET_BLACKHOLE:
	case BPF_FIB_LKUP_RET_UNREACHABLE:
	case BPF_FIB_LKUP_RET_PROHIBIT:
		return DROP_NO_ROUTE;
	default:
		return node_address(fib.ifindex, &flow->saddr) ? 0 : DROP_SNAT_ADDRESS;
	}
}

/*
 * Whether the source is translated, and to what. A hairpin must, or the pod would see a packet from
 * itself (S-079). A client from outside must, if the backend is on another node, whose replies would
 * take another way back (S-070). Nobody else: their replies pass this node anyway.
 */
static __always_inline int open_source(ctx_t *ctx, enum hook hook, const flow_key_t *key,
                                       flow_t *flow, bool remote)
{
	int reason;

	if (ip_equal(flow->daddr, key->saddr)) {
		flow->flags |= FLOW_SNAT | FLOW_HAIRPIN;
		return node_address(0, &flow->saddr) ? 0 : DROP_SNAT_ADDRESS;
	}
	if (hook != HOOK_UPLINK_IN || !remote)
		return 0;
	reason = open_snat_address(ctx, key->proto, flow);
	if (!reason)
		flow->flags |= FLOW_SNAT;
	return reason;
}

static __always_inline void open_fill(ctx_t *ctx, enum hook hook, const flow_key_t *key,
                                      const struct choice *choice, flow_t *flow)
{
	__builtin_memset(flow, 0, sizeof(*flow));
	flow->seen = flow_now();
	flow->state = FLOW_STATE_NEW;
	flow->svc = choice->backend.svc;
	flow->backend = choice->id;
	flow->backend_gen = choice->backend.gen;
	flow->saddr = key->saddr;
	flow->sport = key->sport;
	flow->daddr = choice->backend.addr;
	flow->dport = choice->backend.port;
	flow->in_ifindex = hook == HOOK_POD_IN ? ctx_ifindex(ctx) : IFINDEX_OUTSIDE;
}

/*
 * The forward half for a packet to the chosen backend, and where the backend's answers come from. 0,
 * or a drop reason. The pair is inserted by the caller: old verifiers count stack in steps of 32 bytes,
 * and the insert from here would be over the limit of 512.
 */
static __noinline int open_flow(ctx_t *ctx, enum hook hook, const flow_key_t *key,
                                struct choice *choice, flow_t *flow)
{
	struct endpoint *endpoint = endpoint_find(choice->backend.addr);
	__u8 backend_flags = choice->backend.flags;
	bool remote = !endpoint && !(backend_flags & BACKEND_LOCAL);
	int reason;

	if (hook == HOOK_UPLINK_OUT && endpoint_is(endpoint, ENDPOINT_HOST))
		return DROP_HOST_LOOP;
	open_fill(ctx, hook, key, choice, flow);
	/* Outside the cluster: the host's masquerading may be needed, so the host's stack is. */
	if (remote && hook == HOOK_POD_IN && !(backend_flags & BACKEND_CLUSTER))
		flow->flags |= FLOW_STACK;
	reason = open_source(ctx, hook, key, flow, remote);
	if (reason)
		return reason;
	flow_aim(flow, 0);
	choice->reply_in_ifindex =
		endpoint_source(flow->daddr, remote ? IFINDEX_OUTSIDE : IFINDEX_ANY);
	return 0;
}

/*
 * Whether a pod or this host asks, rather than a client outside. Pods of other nodes do by the uplink
 * (S-071); who that is, is looked up where it makes a difference.
 */
static __always_inline bool open_asker(enum hook hook, const struct svc *svc, const flow_key_t *key)
{
	if (hook != HOOK_UPLINK_IN)
		return true;
	return svc->flags & SVC_LOCAL_EXTERNAL && cluster_has(&key->saddr);
}

/* The backend of a new flow, from its set. 0, or a drop reason. */
static __always_inline int open_pick(const struct svc *svc, bool inside, enum hook hook,
                                     const flow_key_t *key, struct choice *choice)
{
	bool local = svc_wants_local(svc, inside);
	struct slots set = svc_set(svc, local);

	if (!set.count)
		return DROP_NO_LOCAL_ENDPOINT;
	if (svc->affinity_s && affinity_find(svc, &key->saddr, local, choice))
		return 0;
	return svc_pick(svc, svc_slot(svc, set, hook, key), choice) ? 0 : DROP_BACKEND_INVALID;
}

/* What must hold before a flow is opened to a frontend, and the backend that it gets. 0, or a drop reason. */
static __always_inline int open_choose(const struct packet *pkt, const struct svc *svc,
                                       enum hook hook, struct choice *choice)
{
	bool inside = open_asker(hook, svc, &pkt->key);

	if (proto_has_states(pkt->key.proto) && !packet_opens(pkt))
		return DROP_NO_FLOW;
	if (!svc->all.count)
		return DROP_NO_ENDPOINT;
	/* Later: nobody hears of ranges where there is nothing to reach (S-052). */
	if (svc->ranges && !range_has(svc->ranges, &pkt->key.saddr))
		return DROP_SOURCE_RANGE;
	return open_pick(svc, inside, hook, &pkt->key, choice);
}

/*
 * A packet to a frontend, and no flow yet. 0 with `flow` filled in, or why the packet ends here; what
 * the sender hears of it (DROP_NO_ENDPOINT) is the caller's affair. Then no entry was made.
 */
static __always_inline int open_service(ctx_t *ctx, enum hook hook, const struct packet *pkt,
                                        const struct svc *svc, flow_t *flow)
{
	struct choice choice;
	flow_t *found;
	int reason;

	reason = open_choose(pkt, svc, hook, &choice);
	if (reason)
		return reason;
	if (!room_take(hook == HOOK_UPLINK_IN ? ROOM_OUTSIDE : ROOM_INSIDE))
		return DROP_FLOW_LIMIT;
	reason = open_flow(ctx, hook, &pkt->key, &choice, flow);
	if (!reason)
		reason = judge(ctx, hook, &pkt->key, flow);
	if (!reason)
		reason = pair_insert(&pkt->key, flow, choice.reply_in_ifindex, ctx_ifindex(ctx));
	if (!reason) {
		if (svc->affinity_s)
			affinity_note(&pkt->key.saddr, &choice);
		count(COUNTER_FLOWS_CREATED);
		return 0;
	}
	room_give_back();
	if (reason == -EEXIST_) {
		/* Another CPU was first; its choice stands. */
		found = flow_find(&pkt->key);
		if (!found)
			return DROP_FLOW_INSERT;
		*flow = *found;
		return 0;
	}
	return reason;
}

#endif
