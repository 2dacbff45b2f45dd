/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What travels with another packet: later fragments with their first one, ICMP errors with the flow that they are
 * about.
 */
#ifndef MILLRACE_PATH_BESIDE_H
#define MILLRACE_PATH_BESIDE_H

#include "deliver_tc.h"
#include "fragment.h"
#include "icmp_error.h"
#include "path_hit.h"

/*
 * A later fragment travels as the first one of its datagram did. Where that has not come by, it is as
 * any packet whose headers cannot be followed. It begins nothing and ends nothing. PATH_SEND with `copy`
 * filled in, or what becomes of it; PATH_JUDGE unless its flow has been `judged`.
 */
static __noinline int path_fragment(struct __sk_buff *skb, enum hook hook, struct packet *pkt,
                                    flow_t *copy, bool judged)
{
	flow_t *flow = fragment_recall(skb, hook, pkt) ? flow_find(&pkt->key) : NULL;
	int action;
	__u8 ttl;

	if (!flow)
		return path_odd(skb, pkt, DROP_FRAGMENT);
	if (!judged && judge_is_due(flow))
		return PATH_JUDGE;
	action = path_hit(skb, hook, pkt, flow);
	if (action != PATH_DELIVER)
		return action;
	*copy = *flow;
	ttl = deliver_ttl(hook, pkt, copy);
	if (!ttl && deliver_forwards(hook, copy))
		return drop_packet(skb, &pkt->key, DROP_TTL);
	return rewrite_fragment(skb, pkt, copy, ttl) ? PATH_SEND : drop(skb, DROP_REWRITE);
}

/* A flow to a service that somebody else translates: its fragments must not be taken for ours. */
static __always_inline bool path_is_adopted(const struct packet *pkt)
{
	flow_t *flow = flow_find(&pkt->key);

	return flow && flow->flags & FLOW_ADOPTED;
}

/*
 * Whether later fragments follow this first one. Policies must know the ports of plain ones, too: those
 * that were let through are marked as handled.
 */
static __always_inline bool path_is_followed(struct __sk_buff *skb, const struct packet *pkt,
                                             int verdict)
{
	if (verdict != TC_ACT_UNSPEC)
		return verdict == PATH_SEND;
	return (hook_is_marked(skb) && guard_is_on()) || path_is_adopted(pkt);
}

/* Judges the flow that the packet's key is of, as if met at `met`. 0, or what becomes of the packet. */
static __always_inline int path_judge(struct __sk_buff *skb, enum hook hook, enum hook met,
                                      const struct packet *pkt)
{
	flow_t *flow = flow_find(&pkt->key);
	int reason;

	/* Of an error the hook does not say which way its flow's packets come. */
	if (flow && met != hook && !judge_is_first(met, flow))
		judge_adopt(&pkt->key, flow);
	reason = flow ? judge_known(skb, met, &pkt->key, flow) : 0;
	return reason ? path_refuse(skb, hook, pkt, reason) : 0;
}

/*
 * An ICMP error goes with the flow that it is about. That is judged first if it is due, as one is that XDP has
 * carried alone so far; who complains has not opened it, whatever the hook says of first packets.
 */
static __always_inline int path_error(struct __sk_buff *skb, enum hook hook, struct packet *pkt,
                                      flow_t *copy)
{
	int action = error_is_due(skb, pkt, copy) ? path_judge(skb, hook, HOOK_UPLINK_IN, pkt) : 0;

	return action ?: icmp_error(skb, hook, pkt, copy);
}

#endif
