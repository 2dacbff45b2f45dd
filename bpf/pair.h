/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two entries of a connection, made together and healed from each other.
 *
 * The reply entry goes in first, with NOEXIST: its key holds the translated source port, so the
 * insert is the reservation of that port towards this backend. The forward entry follows; where that
 * fails, the reply entry is taken out again.
 */
#ifndef MILLRACE_PAIR_H
#define MILLRACE_PAIR_H

#include "count.h"
#include "csum.h"
#include "endpoint.h"
#include "flow_hash.h"
#include "flow_state.h"

#define pair_insert  GLOBAL(pair_insert)
#define flow_refresh GLOBAL(flow_refresh)

/*
 * Results of map updates are kept in an int: before 6.4 the kernel's functions returned one, and the
 * upper half of the register said nothing.
 */
#define EEXIST_ 17

/* Where a half's packets go, as far as this node knows; `host_ifindex` is the way to its stack. */
static __always_inline void flow_aim(flow_t *flow, __u32 host_ifindex)
{
	struct endpoint *endpoint = endpoint_find(flow->daddr);

	if (endpoint_is(endpoint, ENDPOINT_HOST)) {
		flow->flags |= FLOW_HOST;
		flow->out_ifindex = host_ifindex;
	} else if (endpoint && endpoint->ifindex) {
		flow->flags |= FLOW_LOCAL;
		flow->out_ifindex = endpoint->ifindex;
	}
}

/* The tuple of the half that answers `key`, and the checksum differences that lead back to it. */
static __always_inline void flow_turn(flow_t *turned, const flow_key_t *key, const flow_t *flow)
{
	turned->saddr = key->daddr;
	turned->daddr = key->saddr;
	turned->sport = key->dport;
	turned->dport = key->sport;
	turned->addr_csum = flow->addr_csum ? (__u16)~flow->addr_csum ?: 0xffff : 0;
	turned->port_csum = flow->port_csum ? (__u16)~flow->port_csum ?: 0xffff : 0;
	turned->svc = flow->svc;
	turned->backend = flow->backend;
	turned->backend_gen = flow->backend_gen;
	turned->epoch = flow->epoch;
	turned->state = flow->state;
	turned->seen = flow->seen;
}

/* Flags that say something about the connection, not about one direction. */
#define FLOW_SHARED                                                                                \
	(FLOW_PLAIN | FLOW_STACK | FLOW_SNAT | FLOW_HAIRPIN | FLOW_MIDFLOW | FLOW_DIRECT |         \
	 FLOW_OWN_NODE | FLOW_ADOPTED)

/* The checksum differences of a half whose tuple is complete. */
static __always_inline void flow_set_csums(const flow_key_t *key, flow_t *flow)
{
	flow->addr_csum = csum_fold(csum_change_ip(key->saddr, flow->saddr) +
	                            csum_change_ip(key->daddr, flow->daddr));
	flow->port_csum = csum_fold(csum_change(key->sport, flow->sport) +
	                            csum_change(key->dport, flow->dport));
}

/*
 * The half that answers a complete one. `in_ifindex` is where its packets come from, `host_ifindex`
 * the way to this host's stack where they go there.
 */
static __always_inline void flow_answer(const flow_key_t *key, const flow_t *flow, __u32 in_ifindex,
                                        __u32 host_ifindex, flow_t *answer)
{
	flow_turn(answer, key, flow);
	answer->flags = (flow->flags & FLOW_SHARED) | (flow->flags & FLOW_REPLY ? 0 : FLOW_REPLY);
	answer->in_ifindex = in_ifindex;
	if ((answer->flags & (FLOW_PLAIN | FLOW_DIRECT)) != FLOW_PLAIN)
		flow_aim(answer, host_ifindex);
}

/* TCP that has ended, or that nobody has taken up for a while, as of a SYN with a forged source. */
static __always_inline bool pair_is_over(const flow_key_t *reply_key, const flow_t *reply)
{
	if (reply->state == FLOW_STATE_CLOSED)
		return true;
	return proto_has_states(reply_key->proto) &&
	       (reply->state == FLOW_STATE_NEW || reply->state == FLOW_STATE_ANSWERED) &&
	       (__s32)(flow_now() - reply->seen) > ROOM_UNANSWERED_TICKS;
}

/*
 * Inserts the reply half if its tuple is free. A connection that is over gives its tuple up where
 * `take` allows: waiting for gc would bound the rate of new connections to a backend by the size of
 * the port range, and let a flood that fits into the table use that up.
 */
static __noinline int pair_claim(const flow_key_t *reply_key, const flow_t *reply, bool take)
{
	int err = bpf_map_update_elem(&FLOWS, reply_key, reply, BPF_NOEXIST);
	flow_t *taken;

	if (err != -EEXIST_ || !take)
		return err;
	taken = flow_find(reply_key);
	if (!taken || !pair_is_over(reply_key, taken))
		return err;
	flow_forget(reply_key, taken);
	return bpf_map_update_elem(&FLOWS, reply_key, reply, BPF_NOEXIST);
}

/*
 * Through the range of source ports. A backend that closed a connection keeps its tuple for a minute (TIME_WAIT)
 * and drops a SYN whose timestamp is older than the last one it saw there, as it may be with another
 * client's. So the walk begins where the same connection would begin again, and takes a port that
 * another has just left only in its second half.
 * Each connection walks by a stride of its own: one by one, walks would share the runs of taken ports.
 * It is odd, which reaches all ports where their number is a power of two.
 */
struct pair_walk {
	__u32 port, stride;
};

static __always_inline void pair_walk_begin(struct pair_walk *walk, const flow_key_t *key)
{
	walk->port = flow_hash(key);
	walk->stride = walk->port >> 16 | 1;
}

static __always_inline __be16 pair_walk_on(struct pair_walk *walk)
{
	walk->port =
		(walk->port + walk->stride) % (config.snat_port_max - config.snat_port_min + 1);
	return bpf_htons(config.snat_port_min + walk->port);
}

/* Inserts the reply half under the first free source port of the range. */
static __always_inline int pair_reserve(const flow_key_t *key, flow_t *forward,
                                        flow_key_t *reply_key, flow_t *reply)
{
	struct pair_walk walk;
	int err = -EEXIST_;
	__u32 tries;

	pair_walk_begin(&walk, key);
	for (tries = 0; tries < SNAT_TRIES; tries++) {
		forward->sport = pair_walk_on(&walk);
		/* Branch-free, for the sake of the verifier: 0xffff where nothing changes. */
		forward->port_csum = csum_fold((__u64)(__u32)~key->sport + forward->sport +
		                               (__u32)~key->dport + forward->dport);
		reply->port_csum = csum_fold((__u64)(__u32)~forward->sport + key->sport +
		                             (__u32)~forward->dport + key->dport);
		reply_key->dport = forward->sport;
		err = pair_claim(reply_key, reply, tries >= SNAT_TRIES / 2);
		if (err != -EEXIST_)
			break;
	}
	count_add(COUNTER_SNAT_TRIES, tries);
	return err;
}

/*
 * Inserts both halves; `forward` lacks only what follows from its tuple. Where the source address is
 * translated, so is the port; else only if another flow to this backend uses it. 0, -EEXIST_ if
 * another CPU made this very flow meanwhile, or a drop reason.
 */
__noinline int pair_insert(const flow_key_t *key, flow_t *forward, __u32 reply_in_ifindex,
                           __u32 host_ifindex)
{
	flow_key_t half_key; /* first the reply's */
	flow_t half = {};
	bool reserve;
	int err = 0;

	if (!key || !forward)
		return DROP_FLOW_INSERT;
	reserve = forward->flags & FLOW_SNAT;
	flow_set_csums(key, forward);
	flow_peer_key(forward, key->proto, &half_key);
	flow_answer(key, forward, reply_in_ifindex, host_ifindex, &half);
	if (!reserve) {
		err = pair_claim(&half_key, &half, true);
		if (err == -EEXIST_) {
			reserve = true;
			forward->flags |= FLOW_SNAT;
			half.flags |= FLOW_SNAT;
			count(COUNTER_PORTS_REMAPPED);
		}
	}
	if (reserve)
		err = pair_reserve(key, forward, &half_key, &half);
	if (err)
		return err == -EEXIST_ ? DROP_SNAT_EXHAUSTED : DROP_FLOW_INSERT;
	/* What a global function is given is neither key nor value to Linux 6.1. */
	half_key = *key;
	half = *forward;
	err = bpf_map_update_elem(&FLOWS, &half_key, &half, BPF_NOEXIST);
	if (!err)
		return 0;
	flow_peer_key(forward, key->proto, &half_key);
	bpf_map_delete_elem(&FLOWS, &half_key);
	return err == -EEXIST_ ? -EEXIST_ : DROP_FLOW_INSERT;
}

/* flow.in_ifindex of the other half where no endpoint has the address that it comes from. */
static __always_inline __u32 flow_unknown_source(const flow_t *flow)
{
	__u32 id = flow->backend;
	backend_t *backend;

	if (flow->flags & FLOW_PLAIN)
		return IFINDEX_ANY;
	/* The other half is the client's, and no pod of this node has its address. */
	if (flow->flags & FLOW_REPLY)
		return IFINDEX_OUTSIDE;
	/* A pod behind a bridge: on this node, but on no veth that is known. */
	backend = bpf_map_lookup_elem(&BACKENDS, &id);
	return backend && backend->flags & BACKEND_LOCAL ? IFINDEX_ANY : IFINDEX_OUTSIDE;
}

/* Follows a pod that got a new veth. */
static __always_inline void flow_follow_pod(flow_t *flow)
{
	struct endpoint *endpoint;

	if (!(flow->flags & (FLOW_LOCAL | FLOW_DIRECT)))
		return;
	endpoint = endpoint_find(flow->daddr);
	if (endpoint && endpoint->ifindex) {
		flow->flags |= FLOW_LOCAL;
		flow->out_ifindex = endpoint->ifindex;
	} else if (flow->flags & FLOW_DIRECT) {
		/* The pod has gone, perhaps to another node: the routes know. */
		flow->flags &= ~FLOW_LOCAL;
	}
}

/*
 * Once a tick: keeps the other half from eviction by looking it up, puts it back if eviction took it
 * all the same. `ifindex` is the device of this hook.
 */
__noinline int flow_refresh(const flow_key_t *key, flow_t *flow, __u32 ifindex)
{
	flow_key_t peer_key;
	flow_t peer = {};

	if (!key || !flow)
		return 0;
	flow_follow_pod(flow);
	flow_peer_key(flow, key->proto, &peer_key);
	if (flow_find(&peer_key))
		return 0;
	/* Only a reply names the way to this host: the device that its request would have left by. */
	if (flow->flags & FLOW_REPLY)
		ifindex = 0;
	flow_answer(key, flow, endpoint_source(flow->daddr, flow_unknown_source(flow)), ifindex,
	            &peer);
	if (!bpf_map_update_elem(&FLOWS, &peer_key, &peer, BPF_NOEXIST))
		count(COUNTER_FLOWS_HEALED);
	return 0;
}

#endif
