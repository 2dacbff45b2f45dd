// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A connection on its walk. */
#include <string.h>

#include "walk.h"

void walk_serve(struct run *r)
{
	const struct walk *w = r->walk;

	r->backend = svc_one(r, w->frontend, w->port, w->request.out.dst, w->request.out.dport,
	                     w->backend_flags);
}

static void leg_expect(struct run *r, const struct leg *leg, uint16_t flags, uint8_t state)
{
	half_expect(r, (struct half){
			       .key = leg->in,
			       .to = leg->out,
			       .svc = SVC_ID,
			       .backend = r->backend,
			       .flags = leg->flags | flags,
			       .state = state,
			       .in = leg->from,
			       .out = leg->to,
		       });
}

void walk_expect(struct run *r, uint8_t state)
{
	leg_expect(r, &r->walk->request, 0, state);
	leg_expect(r, &r->walk->reply, FLOW_REPLY, state);
}

/* At an ingress hook packets come from the wire, at an egress hook from this host's stack. */
struct pkt walk_packet(struct run *r, const struct leg *leg, struct segment s)
{
	if (leg->program == POD_OUT || leg->program == UPLINK_OUT)
		return leaving_(r, leg->in, s);
	return arriving_(r, leg->in, s);
}

struct pkt walk_result(struct run *r, const struct leg *leg, const struct pkt *in, struct segment s)
{
	struct pkt out;
	struct mac mac;

	if (leg->way != IN_PLACE && leg->way != BY_HOST)
		s.ttl = (s.ttl ?: 64) - 1;
	out = leaving_(r, leg->out, s);
	if (leg->way == BY_FIB)
		return out;
	out = framed_as(out, in);
	mac = dev_mac(leg->dev);
	if (leg->way == BY_HOST)
		memcpy(out.data, mac.b, sizeof(mac.b));
	return out;
}

static uint32_t redirect_how(enum way way)
{
	switch (way) {
	case BY_PEER:
		return REDIRECT_FLAG_PEER;
	case BY_NEIGH:
		return REDIRECT_FLAG_NEIGH;
	case BY_HOST:
		return REDIRECT_FLAG_INGRESS;
	default:
		return 0;
	}
}

struct expect walk_expectation(struct run *r, const struct leg *leg, const struct pkt *in,
                               struct segment s)
{
	struct expect want = {
		.action = leg->way == IN_PLACE ? TC_ACT_UNSPEC : TC_ACT_REDIRECT,
		.to = leg->dev,
		.how = redirect_how(leg->way),
		.out = walk_result(r, leg, in, s),
		.counts = { [COUNTER_TRANSLATED] = 1 },
		.mark = MARK_DONE,
	};

	return want;
}

void walk_send_(struct run *r, const struct leg *leg, struct segment s, const uint64_t *counts)
{
	struct pkt in = walk_packet(r, leg, s);
	struct expect want = walk_expectation(r, leg, &in, s);

	struct expect passed = { PASSED, .mark = MARK_CLEAR };

	for (int i = 0; counts && i < COUNTER_MAX; i++)
		(leg->by_uplink ? &passed : &want)->counts[i] += counts[i];
	if (leg->by_uplink)
		step(r, __FILE__, __LINE__, UPLINK_IN, arriving_(r, leg->in, s), passed);
	step(r, __FILE__, __LINE__, leg->program, in, want);
}

void walk_open(struct run *r)
{
	static const uint64_t created[COUNTER_MAX] = { [COUNTER_FLOWS_CREATED] = 1 };

	walk_expect(r, FLOW_STATE_NEW);
	walk_send_(r, &r->walk->request, (struct segment){ .flags = TCP_SYN, .bare = true },
	           created);
}

void walk_establish(struct run *r)
{
	walk_serve(r);
	walk_open(r);
	walk_answer(r);
	if (!has_states(r))
		return;
	walk_expect(r, FLOW_STATE_ESTABLISHED);
	walk_send(r, &r->walk->request, .flags = TCP_ACK, .bare = true);
}

void walk_age(struct run *r, const struct leg *leg)
{
	half_age(r, leg->in, r->start - 5);
	half_fresh(r, leg->in);
}

void walk_answer(struct run *r)
{
	walk_expect(r, flow_answered(r));
	walk_send(r, &r->walk->reply, .flags = TCP_SYN | TCP_ACK, .bare = true);
}
