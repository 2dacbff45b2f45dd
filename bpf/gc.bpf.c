// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Ends flows that nobody uses, in the kernel, without copying the table out. A connection ends when
 * both its halves have been idle for as long as their state allows: one busy half keeps the other.
 */
#include "flow.h"

static __always_inline __u32 gc_state_timeout(const flow_key_t *key, const flow_t *flow)
{
	bool fresh = flow->state == FLOW_STATE_NEW;

	switch (key->proto) {
	case IPPROTO_UDP:
		return fresh ? TIMEOUT_UDP_NEW : TIMEOUT_UDP_ESTABLISHED;
	case IPPROTO_TCP:
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
	struct gc_args args;
};

static __always_inline bool gc_is_over(const struct gc_run *run, const flow_key_t *key,
                                       const flow_t *flow)
{
	__u32 which = gc_state_timeout(key, flow);

	/* The compiler knows the bound and drops the check; the verifier needs to see it. */
	barrier_var(which);
	return gc_idle(run->now, flow) > run->args.timeout[which < TIMEOUT_MAX ? which : 0];
}

/* The other half is looked up only for an idle entry: a lookup shields it from eviction. */
static long gc_entry(void *map __attribute__((unused)), flow_key_t *key, flow_t *flow,
                     struct gc_run *run)
{
	__u32 idle = gc_idle(run->now, flow);
	flow_key_t peer_key, own_key = *key;
	flow_t *peer;

	run->args.scanned += 1;
	if (gc_is_over(run, &own_key, flow)) {
		flow_peer_key(flow, own_key.proto, &peer_key);
		peer = flow_find(&peer_key);
		if (!peer || gc_is_over(run, &peer_key, peer)) {
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

/* Its context is struct gc_args: timeouts in, figures out. */
SEC("syscall")
int PROGRAM(gc)(struct gc_args *args)
{
	/* The coarse clock is not for syscall programs; this one is at most a jiffy ahead of it. */
	struct gc_run run = { .now = bpf_ktime_get_ns() >> FLOW_TICK_SHIFT };

	__builtin_memcpy(run.args.timeout, args->timeout, sizeof(run.args.timeout));
	bpf_for_each_map_elem(&FLOWS, gc_entry, &run, 0);
	*args = run.args;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
