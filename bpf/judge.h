/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether a connection may be: what policies say of both its ends, as far as they are on this node.
 * Asked with its first packet, at whichever tc hook that is met first, and again once policies have
 * changed (guard.epoch). What belongs to no connection is asked packet by packet, as if it began one.
 *
 *   client ─ frontend ─► server, after DNAT and before SNAT
 *      │                    └─ ingress: may this client reach this port?
 *      └─ egress: may it reach this server and port?
 */
#ifndef MILLRACE_JUDGE_H
#define MILLRACE_JUDGE_H

#include "event.h"
#include "flow_state.h"
#include "guard.h"
#include "judgement.h"
#include "sender.h"

/* What is told whether somebody asks or not: GUARD_TELL_ALLOWED, or nothing. */
#ifndef JUDGE_TELLS
#define JUDGE_TELLS 0
#endif

/*
 * The set to ask of the client's pod, or of the server's: 0, in `set` as well, if nobody is to be asked; or why not.
 * Pods are known by their addresses. What comes from one by another address, or to one by that of a group or of
 * the link, is as of the pod behind the device. If nobody knows that, nothing comes to it by such.
 */
static __noinline int judge_pod(struct judgement *j, bool client)
{
	const ip_t *ip = client ? &j->client : &j->server;
	struct verdict *v = client ? &j->egress : &j->ingress;
	__u32 dev = client ? j->client_dev : j->server_dev;
	const struct subject *pod = subject_find(ip);

	if (!pod && guard_is_home(ip))
		return DROP_UNGUARDED;
	if (!pod && dev)
		pod = sender_subject(dev);
	if (pod) {
		v->set = client ? pod->egress : pod->ingress;
		v->side = pod->side;
	} else if (!client && dev && sender_is_vague(ip) && !sender_is_known(dev)) {
		return DROP_UNGUARDED;
	}
	return 0;
}

static __always_inline bool judge_side(struct judgement *j, struct verdict *v, const ip_t *peer)
{
	v->peer = *peer;
	v->port = j->server_port;
	/* Port 0: of a protocol that has none, or of a fragment, and not known. */
	v->proto = j->server_port ? j->proto : 0;
	v->named = j->named;
	return policy_decide(v);
}

/* The egress rules of the client's pod. This node is open to its pods, unless it is said otherwise (D2). */
static __always_inline int judge_egress(struct judgement *j, __u32 flags)
{
	int reason = judge_pod(j, true);
	bool allowed;

	if (reason || !j->egress.set)
		return reason;
	allowed = judge_side(j, &j->egress, &j->server);
	if (j->egress.kind == EVENT_ALLOWED)
		return 0;
	/* Asked last: what a rule lets through needs no other reason. */
	if (!(flags & GUARD_JUDGE_TO_NODE) &&
	    endpoint_is(endpoint_find(j->server), ENDPOINT_HOST)) {
		j->egress.set = 0;
		return 0;
	}
	return allowed ? 0 : DROP_POLICY_EGRESS;
}

/* The ingress rules of the server's pod. */
static __always_inline int judge_ingress(struct judgement *j)
{
	int reason = judge_pod(j, false);

	if (reason || !j->ingress.set)
		return reason;
	return judge_side(j, &j->ingress, &j->client) ? 0 : DROP_POLICY_INGRESS;
}

/* DHCP, on the link: an address comes before all policies, and an answer to nobody in particular with it. */
static __always_inline bool judge_is_lease(const struct judgement *j)
{
	__be16 to_server = bpf_htons(IPV == 4 ? 67 : 547),
	       to_client = bpf_htons(IPV == 4 ? 68 : 546);

	if (j->proto != IPPROTO_UDP || !sender_is_vague(&j->server))
		return false;
	return (j->client_port == to_client && j->server_port == to_server) ||
	       (j->client_port == to_server && j->server_port == to_client);
}

/* 0, or why not. The verdicts stay in `j`. */
static __always_inline int judge_both(struct judgement *j, __u32 flags)
{
	int reason;

	j->egress.set = 0;
	j->ingress.set = 0;
	if (j->own_node || (flags & GUARD_ALLOW_SELF && ip_equal(j->client, j->server)) ||
	    judge_is_lease(j))
		return 0;
	reason = judge_egress(j, flags);
	return reason ?: judge_ingress(j);
}

/* In either direction, where nobody knows which end began. */
static __always_inline int judge_ways(struct judgement *j, const flow_key_t *key,
                                      const flow_t *flow, __u32 flags)
{
	if (flow->flags & FLOW_MIDFLOW) {
		judgement_turn(j);
		if (!judge_both(j, flags))
			return 0;
		judgement_read(j, key, flow);
	}
	return judge_both(j, flags);
}

/*
 * Looks up whom the rules of a pod will be asked about, and forgets the answer: the table of all pods
 * is read from far away, and the wait for it passes while services are looked for. What is asked of
 * a service's backend gains nothing by it, and loses little.
 */
static __noinline void judge_expect(enum hook hook, const flow_key_t *key)
{
	bool from_pod = hook == HOOK_POD_IN;
	const struct subject *pod = subject_find(from_pod ? &key->saddr : &key->daddr);
	endpoint_key_t peer = { .addr = from_pod ? key->daddr : key->saddr };

	if (pod && (from_pod ? pod->egress : pod->ingress))
		bpf_map_lookup_elem(&PEERS, &peer);
}

/* Where the packet is met. Why not even policies are asked about one that `opens` something; 0 if they are. */
static __noinline int judge_meet(struct __sk_buff *skb, enum hook hook, const ip_t *source,
                                 struct judgement *j, bool opens)
{
	enum guard_owner owner;

	j->in_dev = hook == HOOK_POD_IN ? skb->ifindex : 0;
	j->out_dev = hook == HOOK_POD_OUT ? skb->ifindex : 0;
	if (!opens)
		return 0;
	if (hook == HOOK_POD_IN) {
		owner = guard_owner(skb, source);
		if (owner == OWNER_OTHER)
			return guard_is_closed(source) ? DROP_UNGUARDED : DROP_SPOOFED;
		if (owner == OWNER_LOOSE)
			sender_note(skb, source);
	}
	return hook == HOOK_UPLINK_OUT && guard_is_masked(skb, source) ? DROP_UNGUARDED : 0;
}

static __noinline void judge_event(struct __sk_buff *skb, const struct judgement *j,
                                   const struct verdict *v, __u32 direction, __u32 reason)
{
	struct event *event = event_begin(skb);

	if (!event)
		return;
	event_write_ip(&event->client, &j->client);
	event_write_ip(&event->server, &j->server);
	event_write_ip(&event->frontend, &j->frontend);
	event->client_port = j->client_port;
	event->server_port = j->server_port;
	event->frontend_port = j->frontend_port;
	event->svc = j->svc;
	event->proto = j->proto;
	event->direction = direction;
	event->reason = reason;
	event->kind = v->kind;
	event->rule = v->rule;
	event->set = v->set;
	bpf_ringbuf_submit(event, 0);
}

/* What policies have denied, what they would deny if it were not for audit, and who asks hears the rest. */
static __noinline void judge_tell(struct __sk_buff *skb, struct judgement *j, int reason,
                                  bool allowed)
{
	bool audited = false;

	if (reason == DROP_POLICY_EGRESS)
		judge_event(skb, j, &j->egress, EVENT_EGRESS, reason);
	if (reason == DROP_POLICY_INGRESS)
		judge_event(skb, j, &j->ingress, EVENT_INGRESS, reason);
	if (reason)
		return;
	if (j->egress.set) {
		audited = j->egress.kind == EVENT_AUDITED;
		if (audited || allowed)
			judge_event(skb, j, &j->egress, EVENT_EGRESS, 0);
	}
	if (j->ingress.set) {
		audited |= j->ingress.kind == EVENT_AUDITED;
		if (j->ingress.kind == EVENT_AUDITED || allowed)
			judge_event(skb, j, &j->ingress, EVENT_INGRESS, 0);
	}
	if (audited)
		count(COUNTER_POLICY_AUDITED);
	if (allowed && !j->egress.set && !j->ingress.set) {
		j->ingress.kind = EVENT_ALLOWED;
		j->ingress.rule = EVENT_NO_RULE;
		judge_event(skb, j, &j->ingress, EVENT_NO_DIRECTION, 0);
	}
}

/*
 * 0, or why the connection of this half may not be; what was denied has been told. `flow` is new, or was
 * judged in another epoch; only of a new one it matters by which device its packet has come. It is marked
 * as judged, if it may be. Global, so that verifiers look at it once.
 */
__noinline int judge(struct __sk_buff *skb, enum hook hook, const flow_key_t *key, flow_t *flow)
{
	const struct guard *now = guard_get();
	__u32 zero = 0, epoch, flags;
	struct judgement *j = bpf_map_lookup_elem(&JUDGEMENTS, &zero);
	int reason;
	bool opens;

	if (!key || !flow || !j || !now || !(now->flags & GUARD_ON))
		return 0;
	/* Read before the tables: if they change meanwhile it is raised, and the flow judged again. */
	epoch = *(const volatile __u32 *)&now->epoch;
	flags = now->flags | JUDGE_TELLS;
	j->named = flags & GUARD_TELL_ALLOWED;
	opens = !flow->epoch && flow->state != FLOW_STATE_DENIED;
	if (opens && !hook_is_ingress(hook) && !skb->ingress_ifindex && !(flow->flags & FLOW_REPLY))
		flow->flags |= FLOW_OWN_NODE;
	if (flow->epoch)
		count(COUNTER_POLICY_REJUDGED);
	reason = judge_meet(skb, hook, &key->saddr, j, opens);
	judgement_read(j, key, flow);
	if (!reason)
		reason = judge_ways(j, key, flow, flags);
	judge_tell(skb, j, reason, opens && flags & GUARD_TELL_ALLOWED);
	flow->epoch = reason ? 0 : epoch;
	return reason;
}

#endif
