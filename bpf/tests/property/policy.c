// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random rules, classes, blocks and ports against a slow model (policy_model.h): at least 20,000 verdicts of each
 * family, each with the set and the rule that must be named.
 */
#include <string.h>

#include "policy_model.h"

#define WORLDS   60
#define PACKETS  240
#define VERDICTS 7000 /* of each family and protocol */

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

	/* In some worlds hardly anybody is asked: there are more of them then. */
	for (uint32_t i = 0; i < rounds(WORLDS) || verdicts < rounds(VERDICTS); i++) {
		if (i == 4 * rounds(WORLDS))
			fail(r, "%u verdicts in %u worlds", verdicts, i);
		random_model(r, &m, &rng);
		model_write(r, &m);
		objects_reset_private(r->o);
		for (uint32_t n = 0; n < PACKETS; n++)
			judge_one(r, &m, &rng, &verdicts);
	}
	counters_read(r->o, r->counters);
	drops_read(r->o, r->drops);
}
