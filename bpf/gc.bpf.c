// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Ends flows that nobody uses, in the kernel, without copying the table out. A connection ends when
 * both its halves have been idle for as long as their state allows: one busy half keeps the other.
 * Under policies it ends as well with the pod at either end, or the next one that is given
 * the address would have what the last one was allowed.
 */
#include "flow.h"
#include "guard_home.h"

/*
 * What is denied stays for as long as its ends may take it for established; for want of room, for as long as
 * one of them waits before it tries again.
 */
static __always_inline __u32 gc_state_timeout(const flow_key_t *key, const flow_t *flow,
                                              bool pressure)
{
	bool fresh = flow->state == FLOW_STATE_NEW;

	switch (key->proto) {
	case IPPROTO_UDP:
		return fresh ? TIMEOUT_UDP_NEW : TIMEOUT_UDP_ESTABLISHED;
	case IPPROTO_TCP:
	case IPPROTO_SCTP:
		break;
	default:
		return TIMEOUT_ICMP;
	}
	switch (flow->state) {
	case FLOW_STATE_ESTABLISHED:
		return TIMEOUT_TCP_ESTABLISHED;
	case FLOW_STATE_CLOSING:
		return TIMEOUT_TCP_CLOSING;
	case FLOW_STATE_CLOSED:
		return TIMEOUT_TCP_CLOSED;
	case FLOW_STATE_DENIED:
		return pressure ? TIMEOUT_TCP_CLOSING : TIMEOUT_TCP_ESTABLISHED;
	default:
		return TIMEOUT_TCP_NEW;
	}
}

/* Ticks without a packet. A packet seen since `now` was read makes it negative: not idle at all. */
static __always_inline __u32 gc_idle(__u32 now, const flow_t *flow)
{
	__s32 idle = now - flow->seen;

	return idle > 0 ? idle : 0;
}

struct gc_run {
	__u32 now;
	__u32 timeout[TIMEOUT_MAX];
	struct gc_args args;
};

/*
 * One run at a time: the agent's. Not on the stack, where verifiers would follow each figure from one entry to the
 * next until they tire of it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gc_run);
} gc_runs SEC(".maps");

/* Whether this half ends: it has been idle for too long, or its pod is gone (1; without a branch, for verifiers). */
static __always_inline bool gc_is_over(const struct gc_run *run, const flow_key_t *key,
                                       const flow_t *flow, __u32 gone)
{
	__u32 which = gc_state_timeout(key, flow, run->args.pressure), limit;

	/* The compiler knows the bound and drops the check; the verifier needs to see it. */
	barrier_var(which);
	limit = run->timeout[which < TIMEOUT_MAX ? which : 0];
	return gc_idle(run->now, flow) + gone > (limit & (gone - 1));
}

/* A pod of this node at either end of which nobody knows: it has gone. Global, so that verifiers look at it once. */
__noinline int gc_is_gone(const ip_t *from, const ip_t *to)
{
	return from && to && guard_is_on() && (guard_is_closed(from) || guard_is_closed(to));
}

/* The other half is looked up only for an idle entry: a lookup shields it from eviction. */
static long gc_entry(void *map __attribute__((unused)), flow_key_t *key, flow_t *flow,
                     struct gc_run **of)
{
	struct gc_run *run = *of;
	__u32 idle = gc_idle(run->now, flow);
	flow_key_t peer_key, own_key = *key;
	ip_t to = flow->daddr;
	__u32 gone = gc_is_gone(&own_key.saddr, &to) & 1;
	flow_t *peer;

	run->args.scanned += 1;
	if (gc_is_over(run, &own_key, flow, gone)) {
		flow_peer_key(flow, own_key.proto, &peer_key);
		peer = flow_find(&peer_key);
		if (!peer || gc_is_over(run, &peer_key, peer, gone)) {
			/* Met after it was deleted: it followed its other half in one hash bucket. */
			if (bpf_map_delete_elem(&FLOWS, &own_key))
				return 0;
			run->args.orphans += peer ? 0 : 1;
			run->args.expired += peer ? 1 : 0;
			run->args.expired += !bpf_map_delete_elem(&FLOWS, &peer_key);
			return 0;
		}
	}
	run->args.live += 1;
	if (idle > run->args.oldest)
		run->args.oldest = idle;
	return 0;
}

static __always_inline void gc_take_args(struct gc_args *own, const struct gc_args *args)
{
	__builtin_memcpy(own->timeout, args->timeout, sizeof(own->timeout));
	own->limit = args->limit;
	own->reserve = args->reserve;
	own->rate = args->rate;
	own->low = args->low;
}

static __always_inline void gc_shorten(struct gc_run *run, enum flow_timeout which, __u32 ticks)
{
	if (run->timeout[which] > ticks)
		run->timeout[which] = ticks;
}

/*
 * The timeouts of this run. Closed flows alone should not bring about pressure: at thousands of
 * connections a second they are most of the table. Under pressure a flow that nobody has taken up, as those of a flood, makes
 * way soon, and so does one that has ended. What is open is never ended early.
 */
static __always_inline void gc_set_timeouts(struct gc_run *run, bool half)
{
	__builtin_memcpy(run->timeout, run->args.timeout, sizeof(run->timeout));
	if (half) {
		gc_shorten(run, TIMEOUT_TCP_CLOSED, ROOM_HALF_CLOSED_TICKS);
		gc_shorten(run, TIMEOUT_TCP_CLOSING, ROOM_HALF_CLOSING_TICKS);
	}
	if (!run->args.pressure)
		return;
	gc_shorten(run, TIMEOUT_TCP_NEW, ROOM_UNANSWERED_TICKS);
	gc_shorten(run, TIMEOUT_UDP_NEW, ROOM_UNANSWERED_TICKS);
	gc_shorten(run, TIMEOUT_ICMP, ROOM_UNANSWERED_TICKS);
	gc_shorten(run, TIMEOUT_TCP_CLOSED, ROOM_CLOSED_TICKS);
}

/*
 * What is left after this run. Adding the difference, instead of writing the sum, keeps what others
 * have subtracted meanwhile; of that, what this run has met is subtracted twice, until the next one.
 */
static __always_inline void gc_set_room(struct gc_run *run, struct room *room, __s64 left_before)
{
	room->reserve = run->args.reserve;
	room->rate = run->args.rate;
	room->low = run->args.low;
	__sync_fetch_and_add(&room->left,
	                     (__s64)run->args.limit - (__s64)run->args.live - left_before);
	room->stamp = run->now;
	run->args.left = room->left;
}

/* Its context is struct gc_args: timeouts and limits in, figures out. */
SEC("syscall")
int PROGRAM(gc)(struct gc_args *args)
{
	__u32 zero = 0;
	struct room *room = bpf_map_lookup_elem(&ROOM, &zero);
	struct gc_run *run = bpf_map_lookup_elem(&gc_runs, &zero);
	__s64 left;
	bool kept;

	if (!room || !run)
		return -1;
	__builtin_memset(run, 0, sizeof(*run));
	/* The coarse clock is not for syscall programs; this one is at most a jiffy ahead of it. */
	run->now = bpf_ktime_get_ns() >> FLOW_TICK_SHIFT;
	left = *(volatile __s64 *)&room->left;
	gc_take_args(&run->args, args);
	kept = room_is_kept(room, run->now);
	run->args.pressure = kept && left < (__s64)args->low;
	gc_set_timeouts(run, kept && left < (__s64)args->limit / 2);
	bpf_for_each_map_elem(&FLOWS, gc_entry, &run, 0);
	gc_set_room(run, room, left);
	*args = run->args;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
