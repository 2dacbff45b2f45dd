/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an entry of the flow table is to a packet that meets it: its flow; of something that is over, or that a
 * service has overtaken, so that the packet begins anew; or proof of who may not begin. Policies are asked about
 * every packet that asks for a connection, whatever entry there is.
 */
#ifndef MILLRACE_PATH_ENTRY_H
#define MILLRACE_PATH_ENTRY_H

#include "judge_known.h"
#include "reject.h"
#include "service.h"
#include "serving.h"
#include "track.h"

/* What the walk refuses to carry: answered where the sender can be told at once. */
static __always_inline int path_refuse(struct __sk_buff *skb, enum hook hook,
                                       const struct packet *pkt, int reason)
{
	if (reason == DROP_NO_ENDPOINT || reason == DROP_UNKNOWN_PORT)
		return reject(skb, hook, pkt, reason);
	/* The judge has told with which verdict. */
	if (reason == DROP_POLICY_EGRESS || reason == DROP_POLICY_INGRESS)
		return drop(skb, reason);
	return drop_packet(skb, &pkt->key, reason);
}

/* The frontend that serves a packet, met at this hook; NULL if its destination is none of ours. */
static __always_inline struct svc *path_service(enum hook hook, const struct packet *pkt)
{
	struct svc *svc = hook == HOOK_POD_OUT ? NULL : svc_find_packet(&pkt->key);

	return svc && (svc->flags & (SVC_ADDRESS | SVC_REJECT)) != SVC_ADDRESS ? svc : NULL;
}

/*
 * A plain flow to what has become a service since it began: a client that was there first is served, too
 * (S-163), also where somebody else has answered it so far, over UDP (S-161). One that was left to him
 * stays his if he has answered. Asked once a tick.
 */
static __always_inline bool path_is_overtaken(enum hook hook, const struct packet *pkt,
                                              const flow_t *flow)
{
	bool adopted = flow->flags & FLOW_ADOPTED;

	if ((hook != HOOK_POD_IN && !(adopted && hook == HOOK_UPLINK_IN)) ||
	    (flow->flags & (FLOW_PLAIN | FLOW_REPLY)) != FLOW_PLAIN ||
	    (flow->state != FLOW_STATE_NEW && (adopted || pkt->key.proto != IPPROTO_UDP)) ||
	    flow->seen == flow_now())
		return false;
	/* Its answers may pass by here unseen, but who was answered does not begin again. */
	if (adopted && proto_has_states(pkt->key.proto) && !packet_opens(pkt))
		return false;
	return path_service(hook, pkt) && !serving_is_held();
}

/* A new beginning on an old entry that can stay, because it would be made again. */
static __always_inline bool path_is_again(const struct packet *pkt, flow_t *flow)
{
	return config.flags & CONFIG_DIRECT && flow->state == FLOW_STATE_CLOSED &&
	       (flow->flags & (FLOW_DIRECT | FLOW_REPLY)) == FLOW_DIRECT && !serving_is_held() &&
	       !svc_find_packet(&pkt->key) && track_again(pkt, flow);
}

/*
 * Whether a packet that was handled may have got another destination since: NAT of others (a hostPort, another
 * proxy's service) may lead it to a pod whose policies nobody has asked.
 */
static __always_inline bool path_is_moved(struct __sk_buff *skb, enum hook hook)
{
	return hook == HOOK_POD_OUT && hook_is_seen(skb) && guard_is_on();
}

/*
 * What was judged at pod_in just now, and has not been moved since: its own entry is there, and new. Whose an
 * address of the link is was not known there.
 */
static __always_inline bool path_has_asked(struct __sk_buff *skb, enum hook hook,
                                           const struct packet *pkt, const flow_t *flow)
{
	return hook == HOOK_POD_OUT && hook_is_seen(skb) && flow->state == FLOW_STATE_NEW &&
	       !(flow->flags & (FLOW_REPLY | FLOW_MIDFLOW)) &&
	       !(IPV == 6 && ip_is_link_local(pkt->key.daddr));
}

/* The first question to a packet of a known flow: most are done with here. */
static __always_inline bool path_may_begin(struct __sk_buff *skb, enum hook hook,
                                           const struct packet *pkt, const flow_t *flow)
{
	return judge_is_single(skb, hook, &pkt->key, flow) ||
	       (pkt->key.proto == IPPROTO_UDP ? flow_is_stale(pkt, flow)
	                                      : pkt->tcp_flags & TCP_SYN);
}

/*
 * What may begin something on an entry that is there. PATH_ANEW if it does, and the entry has gone; what may not
 * leaves it, as proof of who opened it. 0, or why the packet ends here.
 */
static __noinline int path_begins(struct __sk_buff *skb, enum hook hook, const struct packet *pkt,
                                  flow_t *flow, flow_t *copy)
{
	bool over = flow_is_stale(pkt, flow);
	bool asks = judge_asks(pkt, flow, over) && !path_has_asked(skb, hook, pkt, flow);
	int reason = 0;

	/* What others translate is judged behind them; what asks for nothing is here to be judged for itself. */
	if (!(flow->flags & FLOW_ADOPTED) && (asks || !(over || pkt->tcp_flags & TCP_SYN))) {
		reason = judge_again(skb, hook, &pkt->key, flow, copy);
		if (reason)
			return reason;
		over |= asks && judge_is_vague(flow) && !(pkt->tcp_flags & TCP_RST);
	}
	if (!over)
		return 0;
	if (!path_is_again(pkt, flow)) {
		if (pkt->key.proto == IPPROTO_UDP)
			count(COUNTER_FLOWS_RESTEERED);
		flow_forget(&pkt->key, flow);
		return PATH_ANEW;
	}
	if (judge_is_due(flow))
		reason = judge_known(skb, hook, &pkt->key, flow);
	if (reason)
		flow_forget(&pkt->key, flow);
	return reason;
}

/*
 * A packet of a flow that is denied: as long as such come, both entries stay. Otherwise the end that was not
 * heard of for a while would be picked up.
 */
static __always_inline int path_deny(struct __sk_buff *skb, enum hook hook,
                                     const struct packet *pkt, flow_t *flow, int reason)
{
	__u32 now = flow_now();

	if (flow && flow->state == FLOW_STATE_DENIED && flow->seen != now) {
		flow->seen = now;
		flow_refresh(&pkt->key, flow, skb->ifindex);
	}
	return path_refuse(skb, hook, pkt, reason);
}

/*
 * UDP to a service whose backend has been denied may have another one, as when that is gone. The half of the
 * backend stays as it is: what that still says is of the old flow.
 */
static __always_inline bool path_may_part(const struct packet *pkt, const flow_t *flow)
{
	return pkt->key.proto == IPPROTO_UDP && flow->svc && !(flow->flags & FLOW_REPLY);
}

static __always_inline bool path_parts(const struct packet *pkt, const flow_t *flow)
{
	if (!path_may_part(pkt, flow) || flow->state != FLOW_STATE_DENIED)
		return false;
	bpf_map_delete_elem(&FLOWS, &pkt->key);
	return true;
}

/* Whether a packet without a flow may be of one whose half was evicted, and policies would take it for new. */
static __always_inline bool path_may_answer(enum hook hook, const struct packet *pkt)
{
	return (hook == HOOK_POD_IN || hook == HOOK_POD_OUT) && !packet_asks(pkt) && guard_is_on();
}

#endif
