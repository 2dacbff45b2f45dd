// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* See policy_model.h. */
#include <string.h>

#include "policy_model.h"

const enum host ends[ENDS] = { POD_A, POD_B, FAR_POD, FAR_POD_2, SIDE_POD, CLIENT, WORLD, VIP };

bool one_in(uint64_t *rng, uint32_t n)
{
	return !random_below(rng, n);
}

static void random_rule(struct rule *rule, uint16_t bit, uint64_t *rng)
{
	*rule = (struct rule){ .bit = bit, .any_port = one_in(rng, 5) };
	rule->any_peer[0] = one_in(rng, 10);
	rule->any_peer[1] = one_in(rng, 10);
	for (uint32_t i = 1; i < CLASSES; i++)
		rule->peers[i] = one_in(rng, 5);
	for (uint32_t i = 1; i <= RANGES_MAX; i++)
		rule->ports[i] = one_in(rng, 5);
}

/* Bits of a set in rising order, anywhere in it. */
static void random_set(struct model_set *set, uint64_t id, uint64_t *rng)
{
	uint32_t bit = 0;

	*set = (struct model_set){ .id = id };
	for (set->n = 0; set->n < random_below(rng, RULES_MAX); set->n++) {
		bit += 1 + random_below(rng, 40);
		if (bit >= POLICY_WORDS * 64)
			break;
		random_rule(&set->rules[set->n], bit, rng);
	}
}

static void random_blocks(struct run *r, struct model *m, uint64_t *rng)
{
	uint32_t most = r->family == AF_INET ? 32 : 128;

	m->nblocks = random_below(rng, BLOCKS_MAX + 1);
	for (uint32_t i = 0; i < m->nblocks; i++) {
		m->blocks[i].addr = addr_of(r->family, ends[random_below(rng, ENDS)]);
		m->blocks[i].len = random_below(rng, most + 1);
		for (uint32_t side = 0; side < POLICY_SIDES; side++)
			m->blocks[i].peer_class[side] = random_below(rng, CLASSES);
	}
}

void random_model(struct run *r, struct model *m, uint64_t *rng)
{
	memset(m, 0, sizeof(*m));
	m->side = random_below(rng, POLICY_SIDES);
	m->audit = one_in(rng, 6);
	for (uint32_t i = 0; i < SETS_MAX; i++)
		random_set(&m->sets[i], 100 + i, rng);
	/* Two chains: even sets and odd ones. */
	for (uint32_t i = 0; i + 2 < SETS_MAX; i++)
		m->sets[i].next = one_in(rng, 3) ? 0 : m->sets[i + 2].id;
	m->egress = one_in(rng, 6) ? 0 : m->sets[0].id;
	m->ingress = one_in(rng, 6) ? 0 : m->sets[1].id;
	random_blocks(r, m, rng);
	for (uint32_t i = 0; i < ENDS; i++)
		for (uint32_t side = 0; side < POLICY_SIDES; side++)
			m->pods[ends[i]][side] = i < 5 ? (int32_t)random_below(rng, CLASSES) : -1;
	m->nranges = random_below(rng, RANGES_MAX + 1);
	for (uint32_t i = 0; i < m->nranges; i++) {
		m->ranges[i].from = 1 + random_below(rng, 65535);
		m->ranges[i].to = m->ranges[i].from + random_below(rng, 300);
		if (m->ranges[i].to < m->ranges[i].from)
			m->ranges[i].to = 65535;
		m->ranges[i].port_class = i + 1;
	}
}

static bool covers(const struct addr *block, uint32_t len, const struct addr *ip)
{
	for (uint32_t i = 0; i < len; i++)
		if ((block->b[i / 8] ^ ip->b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static uint32_t class_of(struct run *r, const struct model *m, enum host host)
{
	struct addr ip = addr_of(r->family, host);
	int32_t longest = -1;
	uint32_t found = 0;

	if (m->pods[host][m->side] >= 0)
		return m->pods[host][m->side];
	for (uint32_t i = 0; i < m->nblocks; i++) {
		/* The same block written twice: the later one stands. */
		if ((int32_t)m->blocks[i].len < longest ||
		    !covers(&m->blocks[i].addr, m->blocks[i].len, &ip))
			continue;
		longest = m->blocks[i].len;
		found = m->blocks[i].peer_class[m->side];
	}
	return found;
}

static uint32_t port_class_of(const struct model *m, uint16_t port)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < m->nranges; i++)
		if (port >= m->ranges[i].from && port <= m->ranges[i].to)
			found = m->ranges[i].port_class;
	return found;
}

static const struct model_set *set_of(const struct model *m, uint64_t id)
{
	for (uint32_t i = 0; i < SETS_MAX; i++)
		if (m->sets[i].id == id)
			return &m->sets[i];
	return NULL;
}

static bool matches(struct run *r, const struct model *m, const struct rule *rule,
                    enum host peer_host, uint16_t port)
{
	uint32_t port_class = port_class_of(m, port);
	uint32_t peer_class = class_of(r, m, peer_host);

	return (rule->any_peer[r->family == AF_INET6] || (peer_class && rule->peers[peer_class])) &&
	       (rule->any_port || (port_class && rule->ports[port_class]));
}

bool model_verdict(struct run *r, const struct model *m, uint64_t id, enum host peer_host,
                   uint16_t port, struct event *want)
{
	*want = (struct event){ .set = id, .rule = EVENT_NO_RULE, .kind = EVENT_DENIED };
	if (!id)
		return false;
	if (m->audit)
		want->kind = EVENT_AUDITED;
	for (const struct model_set *set = set_of(m, id); set; set = set_of(m, set->next)) {
		for (uint32_t i = 0; i < set->n; i++) {
			if (!matches(r, m, &set->rules[i], peer_host, port))
				continue;
			want->kind = EVENT_ALLOWED;
			want->set = set->id;
			want->rule = set->rules[i].bit;
			return true;
		}
	}
	return true;
}
