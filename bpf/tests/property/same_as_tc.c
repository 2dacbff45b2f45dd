// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random packets over random tables, each twice from the same state: by uplink_in alone, and with
 * uplink_xdp before it, in half of the worlds on VLANs. Action, device, bytes, entries, counters and drops must be the same.
 */
#include <string.h>

#include "odd.h"
#include "property.h"
#include "walk.h"

#define WORLDS  40
#define PACKETS 40

struct outcome {
	struct test_run run;
	struct flow flows[FLOWS_MAX];
	uint32_t nflows;
	uint64_t counters[COUNTER_MAX];
	struct drop_count drops[DROP_REASON_MAX];
	bool taken; /* by XDP */
};

static const struct tuple frontends[] = {
	{ CLIENT, 40000, NODE, 30080 },
	{ CLIENT, 40001, EXT_IP, 80 },
	{ CLIENT_2, 40000, LB_IP, 80 },
	{ CLIENT_2, 40001, VIP, 80 },
};

#define FRONTENDS (sizeof(frontends) / sizeof(frontends[0]))

static struct set random_set(struct run *r, uint64_t *rng, uint32_t n)
{
	static const enum host hosts[] = { FAR_POD, FAR_POD_2, SIDE_POD, POD_A,
		                           NODE,    SILENT,    LOST,     BRIDGED };
	struct set set = { .n = n };

	for (uint32_t i = 0; i < n; i++) {
		enum host host = hosts[random_below(rng, 8)];
		uint8_t flags = BACKEND_CLUSTER | (random_below(rng, 8) ? 0 : BACKEND_LOCAL);

		set.ids[i] = backend(r, SVC_ID, host, 8080 + random_below(rng, 2), flags);
	}
	return set;
}

/* Sets of one or a ring, so that no choice is left to chance. */
static void random_tables(struct run *r, uint64_t *rng)
{
	for (uint32_t i = 0; i < FRONTENDS; i++) {
		enum host host = frontends[i].dst;
		uint16_t port = frontends[i].dport;
		struct set one;

		switch (random_below(rng, 8)) {
		case 0:
			address_only(r, host, random_below(rng, 2) ? SVC_REJECT : 0);
			break;
		case 1:
			frontend(r, SVC_ID, host, port, 0, EMPTY, EMPTY);
			break;
		case 2:
			one = random_set(r, rng, 1);
			frontend(r, SVC_ID, host, port, SVC_LOCAL_EXTERNAL, one,
			         random_below(rng, 2) ? one : EMPTY);
			break;
		case 3:
			one = random_set(r, rng, 3);
			frontend_with_ring(r, host, port, one, one);
			break;
		default:
			frontend(r, SVC_ID, host, port, 0, random_set(r, rng, 1), EMPTY);
		}
	}
}

/* A packet to a frontend, or on one of the flows that there are. */
static struct pkt random_tuple(struct run *r, const struct outcome *now, uint64_t *rng)
{
	static const uint8_t flags[] = { TCP_SYN,           TCP_SYN,           TCP_SYN | TCP_ACK,
		                         TCP_ACK,           TCP_ACK | TCP_PSH, TCP_FIN | TCP_ACK,
		                         TCP_RST | TCP_ACK, TCP_SYN | TCP_FIN };
	static const uint8_t ttls[] = { 64, 64, 255, 2, 1, 0 };
	struct segment s = {
		.flags = flags[random_below(rng, 8)],
		.ttl = ttls[random_below(rng, 6)],
		.no_csum = r->proto == IPPROTO_UDP && !random_below(rng, 6),
		.dst_mac = dev_mac(random_below(rng, 4) ? UP0 : UP1),
		.src_mac = host_mac(GW),
	};
	struct pkt p = segment_build(r, frontends[random_below(rng, FRONTENDS)], s);
	uint32_t alen = r->family == AF_INET ? 4 : 16, at = ETH_LEN + (alen == 4 ? 12 : 8);

	if (now->nflows && random_below(rng, 3)) {
		const struct flow *f = &now->flows[random_below(rng, now->nflows)];
		bool no_csum = s.no_csum;

		memcpy(p.data + at, f->key.saddr.b, alen);
		memcpy(p.data + at + alen, f->key.daddr.b, alen);
		put16(p.data + at + 2 * alen, f->key.sport);
		put16(p.data + at + 2 * alen + 2, f->key.dport);
		pkt_checksums_fix(&p);
		if (no_csum)
			put16(p.data + at + 2 * alen + 6, 0);
	}
	return p;
}

static struct pkt random_form(struct run *r, struct pkt p, uint64_t *rng)
{
	bool v4 = r->family == AF_INET;

	switch (random_below(rng, 20)) {
	case 0:
		return v4 ? ip4_with_options(p, 1) : ip6_with_dstopts(p, 1);
	case 1:
		return as_fragment(p, v4 ? 0x2000 : 1);
	case 2:
		return tagged(p, 7);
	case 3:
		return pkt_cut(p, p.len - 1 - random_below(rng, 30));
	case 4:
		p.data[random_below(rng, 5)] ^= 1;
		return p;
	default:
		return p;
	}
}

static void state_read(struct run *r, struct outcome *now)
{
	now->nflows = flows_read(r->o, r->family, now->flows, FLOWS_MAX);
	counters_read(r->o, now->counters);
	drops_read(r->o, now->drops);
}

static void state_restore(struct run *r, const struct outcome *then)
{
	table_clear(r->o, r->family == AF_INET ? FLOWS4 : FLOWS6);
	for (uint32_t i = 0; i < then->nflows; i++)
		flow_put(r->o, r->family, &then->flows[i]);
	objects_reset_private(r->o);
	told_discard(r);
}

/* What becomes of the packet; counters and drops are what they rose by. */
static void run_one(struct run *r, const struct test_run *packet, bool xdp, struct outcome *got)
{
	struct outcome before;

	state_read(r, &before);
	got->run = *packet;
	got->taken = false;
	if (xdp) {
		if (program_run(r, r->o, UPLINK_XDP, &got->run))
			fail(r, "the test run of XDP failed");
		got->taken = got->run.action != TC_ACT_UNSPEC;
		if (!got->taken && !pkt_equal(&got->run.in, &got->run.out))
			fail(r, "XDP passes the packet changed");
	}
	if (!got->taken && program_run(r, r->o, UPLINK_IN, &got->run))
		fail(r, "the test run failed");
	state_read(r, got);
	for (int i = 0; i < COUNTER_MAX; i++)
		got->counters[i] -= before.counters[i];
	for (int i = 0; i < DROP_REASON_MAX; i++) {
		got->drops[i].packets -= before.drops[i].packets;
		got->drops[i].bytes -= before.drops[i].bytes;
	}
}

static void flows_compare(struct run *r, const struct outcome *a, const struct outcome *b)
{
	if (a->nflows != b->nflows)
		fail(r, "%u entries, with XDP %u", a->nflows, b->nflows);
	for (uint32_t i = 0; i < a->nflows; i++) {
		struct flow want = a->flows[i];
		uint32_t j = 0;

		while (j < b->nflows && memcmp(&want.key, &b->flows[j].key, sizeof(want.key)))
			j++;
		if (j == b->nflows)
			fail(r, "an entry is missing with XDP");
		if (memcmp(&want, &b->flows[j], sizeof(want)))
			fail(r, "an entry is another with XDP: state %u and %u, seen %u and %u",
			     want.state, b->flows[j].state, want.seen, b->flows[j].seen);
	}
}

static void outcomes_compare(struct run *r, const struct outcome *tc, const struct outcome *xdp)
{
	const struct test_run *a = &tc->run, *b = &xdp->run;

	r->last = *b;
	r->want = a->out;
	r->want_diff = true;
	if (a->action != b->action)
		fail(r, "action %d, with XDP %d", a->action, b->action);
	if (a->action != TC_ACT_SHOT && !pkt_equal(&a->out, &b->out))
		fail(r, "other bytes with XDP");
	if (a->action == TC_ACT_REDIRECT && a->after.redirect_known &&
	    (a->after.redirect_ifindex != b->after.redirect_ifindex ||
	     a->after.redirect_flags != b->after.redirect_flags))
		fail(r, "redirected to %u, with XDP to %u", a->after.redirect_ifindex,
		     b->after.redirect_ifindex);
	if (memcmp(tc->counters, xdp->counters, sizeof(tc->counters)) ||
	    memcmp(tc->drops, xdp->drops, sizeof(tc->drops)))
		fail(r, "other counters with XDP");
	flows_compare(r, tc, xdp);
	r->want_diff = false;
}

/* The packet both ways. */
static void run_both(struct run *r, const struct outcome *then, const struct test_run *packet,
                     struct outcome *tc, struct outcome *xdp)
{
	state_restore(r, then);
	run_one(r, packet, false, tc);
	state_restore(r, then);
	run_one(r, packet, true, xdp);
}

/* Between packets: time passes, entries are evicted, backends go. */
static void random_event(struct run *r, struct outcome *now, uint64_t *rng)
{
	struct flow *f = &now->flows[random_below(rng, now->nflows ?: 1)];

	if (now->nflows && !random_below(rng, 4)) {
		f->seen = tick_ago(5);
		flow_put(r->o, r->family, f);
	}
	if (now->nflows && !random_below(rng, 16))
		flow_delete(r->o, r->family, f);
	if (!random_below(rng, 24))
		backend_set(r, 1 + random_below(rng, r->next_backend), 0, NOBODY, 0, 0, 99);
	state_read(r, now);
}

TEST(xdp_decides_as_tc, BOTH, SUMS)
{
	uint64_t rng = random_start(r->family * 4096 + r->proto);
	static struct outcome then, tc, xdp;
	uint32_t taken = 0;

	/* The comparison is of something: about a third is XDP's. Where a world leaves it little, there are more worlds. */
	for (uint32_t i = 0; i < rounds(WORLDS) || taken < rounds(WORLDS) * PACKETS / 10; i++) {
		if (i == 4 * rounds(WORLDS))
			fail(r, "XDP took %u packets of %u", taken, i * PACKETS);
		r->vlan = i % 2;
		cluster_reset(r);
		random_tables(r, &rng);
		for (uint32_t n = 0; n < PACKETS; n++) {
			struct test_run packet = {};

			state_read(r, &then);
			random_event(r, &then, &rng);
			packet.in = random_form(r, random_tuple(r, &then, &rng), &rng);
			packet.ifindex = packet.ingress_ifindex = packet.in.data[5];
			run_both(r, &then, &packet, &tc, &xdp);
			outcomes_compare(r, &tc, &xdp);
			taken += xdp.taken;
		}
	}
	r->vlan = false;
}
