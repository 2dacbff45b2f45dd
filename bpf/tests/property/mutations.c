// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Packets mutated at random, through every program: none changes length, none gets another verdict
 * than the slow model of reference.c gives it.
 */
#include <string.h>

#include "odd.h"
#include "property.h"
#include "reference.h"

#define CASES 12000

static struct pkt seed_packet(struct run *r, enum program program, uint64_t *rng)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP };
	static const uint16_t places[] = { 0, 1, 0x2000, 0x8000 };
	struct tuple t = { program == POD_IN ? POD_A : CLIENT, 40000,
		           random_below(rng, 4) ? VIP : WORLD, 80 };
	struct pkt p;

	r->proto = protos[random_below(rng, sizeof(protos))];
	p = arriving(r, t, .reply = random_below(rng, 2), .bare = random_below(rng, 2));
	if (r->family == AF_INET && random_below(rng, 2))
		p = ip4_with_options(p, random_below(rng, 11));
	if (r->family == AF_INET6 && random_below(rng, 2))
		p = ip6_with_extensions(p, random_below(rng, 8));
	if (!random_below(rng, 8))
		p = as_fragment(p, random_below(rng, 2) ? random_next(rng)
		                                        : places[random_below(rng, 4)]);
	if (!random_below(rng, 16))
		p = tagged(p, random_next(rng));
	return p;
}

/* A few bytes of the headers changed, bits flipped or set to an extreme; perhaps cut or padded. */
static struct pkt mutate(struct pkt p, uint64_t *rng)
{
	static const uint8_t extremes[] = { 0,  1,  4,  6,   17,   43,   44,
		                            51, 58, 60, 132, 0x7f, 0x80, 0xff };

	for (uint32_t n = random_below(rng, 4); n > 0; n--) {
		uint32_t i = 12 + random_below(rng, p.len - 12 < 80 ? p.len - 12 : 80);

		if (random_below(rng, 2))
			p.data[i] ^= 1 << random_below(rng, 8);
		else
			p.data[i] = extremes[random_below(rng, sizeof(extremes))];
	}
	if (!random_below(rng, 3))
		p = pkt_cut(p, ETH_LEN + random_below(rng, p.len - ETH_LEN + 1));
	if (!random_below(rng, 6)) {
		memset(p.data + p.len, 0xff, 16);
		p.len += random_below(rng, 17);
	}
	return p;
}

static void check(struct run *r, bool ok, const char *what, int got, int want)
{
	if (ok)
		return;
	r->want = r->last.in;
	r->want_diff = true;
	fail(r, "%s %d, the model says %d", what, got, want);
}

/*
 * The only table entry says that VIP is a ClusterIP: its packets are dropped, or refused where services are
 * looked for.
 */
static void judge(struct run *r, struct reading model, bool serves)
{
	struct drop_count now[DROP_REASON_MAX];
	struct addr vip = addr_of(r->family, VIP);
	bool ours = !memcmp(&vip, &model.dst, sizeof(vip)) && model.outcome != OUTCOME_PASS;
	bool dropped = ours && model.outcome == OUTCOME_DROP;
	bool refused = ours && !dropped && serves;
	int reason = dropped ? (int)model.reason : refused ? DROP_UNKNOWN_PORT : DROP_NONE;
	int action = dropped ? TC_ACT_SHOT : refused ? TC_ACT_REDIRECT : TC_ACT_UNSPEC;
	bool same = r->last.out.len == r->last.in.len && pkt_equal(&r->last.in, &r->last.out);

	drops_read(r->o, now);
	for (int i = 1; i < DROP_REASON_MAX; i++) {
		int rise = now[i].packets - r->drops[i].packets;

		check(r, rise == (i == reason), "drop reason", rise ? i : 0, reason);
	}
	memcpy(r->drops, now, sizeof(now));
	check(r, r->last.action == action, "action", r->last.action, action);
	check(r, same || refused, "bytes changed:", !same, 0);
}

static void mutations(struct run *r, enum program program)
{
	uint64_t rng = random_start(r->family * 1024 + program);
	bool pod = program == POD_IN || program == POD_OUT;
	uint32_t dev = pod ? PODA : UP0;
	enum table flows = r->family == AF_INET ? FLOWS4 : FLOWS6;

	address_only(r, VIP, SVC_REJECT);
	for (uint32_t i = 0; i < rounds(CASES); i++) {
		struct pkt p = mutate(seed_packet(r, program, &rng), &rng);
		int err;

		objects_reset_private(r->o);
		r->last = (struct test_run){ .ifindex = dev, .ingress_ifindex = dev, .in = p };
		err = program_run(r, r->o, program, &r->last);
		if (err)
			fail(r, "case %u: %s", i, strerror(-err));
		judge(r, packet_read(r->family, &p), program != POD_OUT);
		if (pod)
			table_clear(r->o, flows);
	}
}

TEST(mutated_packets_from_a_pod, BOTH, ONCE)
{
	mutations(r, POD_IN);
}

TEST(mutated_packets_from_outside, BOTH, ONCE)
{
	mutations(r, UPLINK_IN);
}

/* XDP judges none of them: what comes to its end here has a flow or a service. */
TEST(mutated_packets_pass_xdp, BOTH, ONCE)
{
	uint64_t rng = random_start(r->family * 2048);

	address_only(r, VIP, SVC_REJECT);
	for (uint32_t i = 0; i < rounds(CASES); i++) {
		struct pkt p = mutate(seed_packet(r, UPLINK_IN, &rng), &rng);

		STEP(r, UPLINK_XDP, p, PASSED);
	}
}

TEST(mutated_packets_to_outside, BOTH, ONCE)
{
	mutations(r, UPLINK_OUT);
}

/* No service is looked for there: what can be followed passes. */
TEST(mutated_packets_to_a_pod, BOTH, ONCE)
{
	mutations(r, POD_OUT);
}
