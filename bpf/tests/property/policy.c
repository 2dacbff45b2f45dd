// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random rules, classes, blocks and ports against a slow model, which asks rule by rule and knows of no
 * bits: at least 20,000 verdicts of each family, each with the set and the rule that must be named.
 */
#include <arpa/inet.h>
#include <string.h>

#include "policy.h"
#include "property.h"

#define WORLDS  60
#define PACKETS 240

#define RULES_MAX  24
#define CLASSES    6 /* 0 = among no rule's peers */
#define BLOCKS_MAX 10
#define RANGES_MAX 6

/* A rule as a policy would have it. */
struct rule {
	uint16_t bit;
	bool any_peer[2], any_port, peers[CLASSES], ports[RANGES_MAX + 1];
};

struct model_set {
	uint64_t id, next;
	uint32_t n;
	struct rule rules[RULES_MAX];
};

#define SETS_MAX 6

struct model {
	struct model_set sets[SETS_MAX];
	uint64_t ingress, egress; /* of POD_B, of POD_A */
	uint32_t side;
	bool audit;
	struct {
		struct addr addr;
		uint32_t len, peer_class[POLICY_SIDES];
	} blocks[BLOCKS_MAX];
	uint32_t nblocks;
	int32_t pods[HOST_MAX][POLICY_SIDES]; /* -1: no entry of its own */
	struct {
		uint16_t from, to;
		uint32_t port_class;
	} ranges[RANGES_MAX];
	uint32_t nranges;
};

static const enum host ends[] = { POD_A, POD_B, FAR_POD, FAR_POD_2, SIDE_POD, CLIENT, WORLD, VIP };

#define ENDS (sizeof(ends) / sizeof(ends[0]))

static bool one_in(uint64_t *rng, uint32_t n)
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

static void random_model(struct run *r, struct model *m, uint64_t *rng)
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

/* ---- the model's verdict ------------------------------------------------------------------------- */

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

/* What must be told of one direction; false: nobody is asked. */
static bool model_verdict(struct run *r, const struct model *m, uint64_t id, enum host peer_host,
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

/* ---- its tables ---------------------------------------------------------------------------------- */

static const uint16_t *bits_of(const struct model_set *set,
                               bool (*has)(const struct rule *, uint32_t), uint32_t what)
{
	static uint16_t bits[RULES_MAX + 1];
	uint32_t n = 0;

	for (uint32_t i = 0; i < set->n; i++)
		if (has(&set->rules[i], what))
			bits[n++] = set->rules[i].bit;
	bits[n] = NO_RULE;
	return bits;
}

static bool has_peer(const struct rule *rule, uint32_t peer_class)
{
	return rule->peers[peer_class];
}

static bool has_port(const struct rule *rule, uint32_t port_class)
{
	return rule->ports[port_class];
}

static bool has_any_port(const struct rule *rule, uint32_t unused)
{
	(void)unused;
	return rule->any_port;
}

static bool has_any_peer(const struct rule *rule, uint32_t family)
{
	return rule->any_peer[family];
}

static void set_write(struct run *r, const struct model *m, const struct model_set *set)
{
	uint16_t any_port[RULES_MAX + 1], any_peer6[RULES_MAX + 1];

	memcpy(any_port, bits_of(set, has_any_port, 0), sizeof(any_port));
	memcpy(any_peer6, bits_of(set, has_any_peer, 1), sizeof(any_peer6));
	policy_set_of(r, set->id, .any_peer = bits_of(set, has_any_peer, 0), .any_peer6 = any_peer6,
	              .any_port = any_port, .next = set->next, .audit = m->audit);
	for (uint32_t i = 1; i < CLASSES; i++)
		policy_peers(r, set->id, i, bits_of(set, has_peer, i));
	for (uint32_t i = 1; i <= RANGES_MAX; i++)
		policy_ports(r, set->id, i, bits_of(set, has_port, i));
}

static void model_write(struct run *r, const struct model *m)
{
	policy_reset(r);
	policy_begin(r, GUARD_TELL_ALLOWED);
	for (uint32_t i = 0; i < SETS_MAX; i++)
		set_write(r, m, &m->sets[i]);
	for (uint32_t i = 0; i < m->nblocks; i++)
		block_on(r, &m->blocks[i].addr, m->blocks[i].len, m->blocks[i].peer_class[0],
		         m->blocks[i].peer_class[1]);
	for (uint32_t i = 0; i < ENDS; i++)
		if (m->pods[ends[i]][0] >= 0)
			peer_on(r, ends[i], m->pods[ends[i]][0], m->pods[ends[i]][1]);
	for (uint32_t i = 0; i < m->nranges; i++) {
		ports_on(r, m->side, r->proto, m->ranges[i].from, m->ranges[i].to,
		         m->ranges[i].port_class);
		ports_on(r, !m->side, r->proto, m->ranges[i].from, m->ranges[i].to,
		         m->ranges[i].port_class % RANGES_MAX + 1);
	}
	subject_on(r, POD_A, 0, m->egress, m->side);
	subject_on(r, POD_B, m->ingress, 0, m->side);
}

/* ---- packets --------------------------------------------------------------------------------------- */

static uint16_t random_port(const struct model *m, uint64_t *rng)
{
	static const int off[] = { -1, 0, 1 };
	uint32_t i = random_below(rng, m->nranges ?: 1);
	uint16_t port = 1 + random_below(rng, 65535);

	if (m->nranges && !one_in(rng, 3)) {
		port = one_in(rng, 2) ? m->ranges[i].from : m->ranges[i].to;
		port += off[random_below(rng, 3)];
	}
	return port ?: 1;
}

static void compare(struct run *r, const struct event *got, const struct event *want)
{
	if (got->kind != want->kind || got->set != want->set || got->rule != want->rule ||
	    got->direction != want->direction)
		fail(r, "kind %u set %llu rule %u direction %u, the model says %u, %llu, %u, %u",
		     got->kind, (unsigned long long)got->set, got->rule, got->direction, want->kind,
		     (unsigned long long)want->set, want->rule, want->direction);
}

/* The events that must come of it, at most two. Of what is denied nothing else is told. */
static uint32_t model_events(struct run *r, const struct model *m, struct tuple t,
                             struct event want[2], uint32_t *verdicts)
{
	struct event egress, ingress;
	bool by_egress =
		model_verdict(r, m, t.src == POD_A ? m->egress : 0, t.dst, t.dport, &egress);
	bool by_ingress =
		model_verdict(r, m, t.dst == POD_B ? m->ingress : 0, t.src, t.dport, &ingress);
	uint32_t n = 0;

	egress.direction = EVENT_EGRESS;
	ingress.direction = EVENT_INGRESS;
	*verdicts += by_egress;
	if (by_egress)
		want[n++] = egress;
	if (by_egress && egress.kind == EVENT_DENIED)
		return n;
	*verdicts += by_ingress;
	if (by_ingress && ingress.kind == EVENT_DENIED)
		n = 0;
	if (by_ingress)
		want[n++] = ingress;
	if (!n)
		want[n++] = (struct event){ .kind = EVENT_ALLOWED, .rule = EVENT_NO_RULE };
	return n;
}

/* Of what is let through only what audited sets would deny is told unasked. */
static uint32_t unasked(struct event want[2], uint32_t n)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++)
		if (want[i].kind != EVENT_ALLOWED)
			want[kept++] = want[i];
	return kept;
}

/* A packet of POD_A, or to POD_B. */
static void judge_one(struct run *r, const struct model *m, uint64_t *rng, uint32_t *verdicts)
{
	bool in = one_in(rng, 2);
	enum host other = ends[(in ? 2 : 1) + random_below(rng, ENDS - 2)];
	struct tuple t = { in ? other : POD_A, 4000, in ? POD_B : other, random_port(m, rng) };
	struct event want[2], got[2];
	struct test_run run = { .ifindex = in ? PODB : PODA, .ingress_ifindex = in ? UP0 : PODA };
	uint32_t n = model_events(r, m, t, want, verdicts);
	bool denied = want[n - 1].kind == EVENT_DENIED, asked = one_in(rng, 2);

	/* Who asks for names gets the first rule; else it is enough to find any. */
	policy_flags(r, GUARD_ON | (asked ? GUARD_TELL_ALLOWED : 0));
	if (!asked)
		n = unasked(want, n);
	run.in = in ? leaving(r, t, .flags = TCP_SYN) : arriving(r, t, .flags = TCP_SYN);
	told_discard(r);
	if (program_run(r, r->o, in ? POD_OUT : POD_IN, &run))
		fail(r, "the test run failed");
	if (run.action != (denied ? TC_ACT_SHOT : TC_ACT_UNSPEC))
		fail(r, "action %d", run.action);
	if (told_take(r, got, 2) != n)
		fail(r, "other than %u events", n);
	for (uint32_t i = 0; i < n; i++)
		compare(r, &got[i], &want[i]);
	table_clear(r->o, r->family == AF_INET ? FLOWS4 : FLOWS6);
}

TEST(policy_decides_as_the_model, BOTH, L4)
{
	uint64_t rng = random_start(r->family * 4096 + r->proto);
	uint32_t verdicts = 0;
	static struct model m;

	for (uint32_t i = 0; i < rounds(WORLDS); i++) {
		random_model(r, &m, &rng);
		model_write(r, &m);
		objects_reset_private(r->o);
		for (uint32_t n = 0; n < PACKETS; n++)
			judge_one(r, &m, &rng, &verdicts);
	}
	/* Three protocols: over 20,000 of each family. */
	if (verdicts < rounds(7000))
		fail(r, "%u verdicts", verdicts);
	counters_read(r->o, r->counters);
	drops_read(r->o, r->drops);
}
