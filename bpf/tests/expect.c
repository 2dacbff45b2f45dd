// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The flow entries that a case expects. */
#include <stdio.h>
#include <string.h>

#include "test.h"

struct tuple swapped(struct tuple t)
{
	return (struct tuple){ t.dst, t.dport, t.src, t.sport };
}

static uint8_t flow_proto(const struct run *r)
{
	if (r->proto == IPPROTO_ICMP && r->family == AF_INET6)
		return IPPROTO_ICMPV6;
	return r->proto;
}

static struct flow key_of(const struct run *r, struct tuple t)
{
	struct flow f = {};

	f.key.saddr = addr_of(r->family, t.src);
	f.key.daddr = addr_of(r->family, t.dst);
	f.key.sport = t.sport;
	f.key.dport = t.dport;
	f.key.proto = flow_proto(r);
	return f;
}

static struct flow flow_of(const struct run *r, const struct half *h)
{
	uint32_t alen = r->family == AF_INET ? 4 : 16;
	uint8_t before[36], after[36], ports[8];
	struct flow f = key_of(r, h->key);

	f.to.saddr = addr_of(r->family, h->to.src);
	f.to.daddr = addr_of(r->family, h->to.dst);
	f.to.sport = h->to.sport;
	f.to.dport = h->to.dport;
	memcpy(before, f.key.saddr.b, alen);
	memcpy(before + alen, f.key.daddr.b, alen);
	memcpy(after, f.to.saddr.b, alen);
	memcpy(after + alen, f.to.daddr.b, alen);
	f.addr_csum = csum_difference(before, after, 2 * alen);
	put16(ports, f.key.sport);
	put16(ports + 2, f.key.dport);
	put16(ports + 4, f.to.sport);
	put16(ports + 6, f.to.dport);
	if (r->proto == IPPROTO_ICMP) /* the identifier stands in the message once */
		f.port_csum = csum_difference(ports, ports + 4, 2);
	else
		f.port_csum = csum_difference(ports, ports + 4, 4);
	f.seen = h->seen;
	f.state = h->state ?: FLOW_STATE_NEW;
	f.flags = h->flags;
	f.svc = h->svc;
	f.backend = h->backend;
	f.backend_gen = h->gen || !h->backend ? h->gen : h->backend;
	f.epoch = h->epoch ?: r->epoch;
	f.in_ifindex = h->in;
	f.out_ifindex = h->out;
	return f;
}

static struct flow *find(struct run *r, const struct flow *f)
{
	for (uint32_t i = 0; i < r->nflows; i++)
		if (!memcmp(&r->flows[i].key, &f->key, sizeof(f->key)))
			return &r->flows[i];
	return NULL;
}

static struct flow *find_or_fail(struct run *r, struct tuple key)
{
	struct flow f = key_of(r, key), *found = find(r, &f);

	if (!found)
		fail(r, "the test names an entry that it does not expect");
	return found;
}

void half_expect(struct run *r, struct half half)
{
	struct flow f = flow_of(r, &half), *old = find(r, &f);

	if (!old && r->nflows == FLOWS_MAX)
		fail(r, "more than FLOWS_MAX entries expected");
	*(old ?: &r->flows[r->nflows++]) = f;
}

void half_forget(struct run *r, struct tuple key)
{
	struct flow *found = find_or_fail(r, key);

	*found = r->flows[--r->nflows];
}

void half_state(struct run *r, struct tuple key, uint8_t state)
{
	find_or_fail(r, key)->state = state;
}

void half_flags(struct run *r, struct tuple key, uint16_t flags)
{
	find_or_fail(r, key)->flags |= flags;
}

void half_place(struct run *r, struct half half)
{
	struct flow f;

	half.seen = half.seen ?: tick_now();
	half_expect(r, half);
	f = flow_of(r, &half);
	flow_put(r->o, r->family, &f);
}

void half_evict(struct run *r, struct tuple key)
{
	flow_delete(r->o, r->family, find_or_fail(r, key));
	half_forget(r, key);
}

void half_epoch(struct run *r, struct tuple key, uint32_t epoch)
{
	find_or_fail(r, key)->epoch = epoch;
}

/* The kernel's entry, so that only `seen` changes in the table. */
void half_age(struct run *r, struct tuple key, uint32_t seen)
{
	struct flow *want = find_or_fail(r, key), now[FLOWS_MAX];
	uint32_t n = flows_read(r->o, r->family, now, FLOWS_MAX);

	want->seen = seen;
	for (uint32_t i = 0; i < n; i++) {
		if (memcmp(&now[i].key, &want->key, sizeof(want->key)))
			continue;
		now[i].seen = seen;
		flow_put(r->o, r->family, &now[i]);
	}
}

void half_fresh(struct run *r, struct tuple key)
{
	find_or_fail(r, key)->seen = 0;
}

static struct half pair_forward(const struct pair *p)
{
	return (struct half){
		.key = p->in,
		.to = p->out,
		.svc = p->svc,
		.backend = p->backend,
		.flags = p->flags | p->own_flags,
		.state = p->state,
		.in = p->from,
		.out = p->to,
	};
}

static struct half pair_reply(const struct pair *p)
{
	return (struct half){
		.key = swapped(p->out),
		.to = swapped(p->in),
		.svc = p->svc,
		.backend = p->backend,
		.flags = p->flags | p->reply_flags | FLOW_REPLY,
		.state = p->state,
		.in = p->reply_from,
		.out = p->reply_to,
	};
}

void pair_expect_(struct run *r, struct pair pair)
{
	half_expect(r, pair_forward(&pair));
	half_expect(r, pair_reply(&pair));
}

void pair_place_(struct run *r, struct pair pair)
{
	half_place(r, pair_forward(&pair));
	half_place(r, pair_reply(&pair));
}

uint8_t flow_answered(const struct run *r)
{
	return has_states(r) ? FLOW_STATE_ANSWERED : FLOW_STATE_ESTABLISHED;
}

void pair_state(struct run *r, struct tuple in, struct tuple out, uint8_t state)
{
	half_state(r, in, state);
	half_state(r, swapped(out), state);
}
