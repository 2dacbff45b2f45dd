// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random segments from both ends of one tuple, as pods with raw sockets send them, while policies come and
 * go. Whatever they say: nothing begins that may not, what is denied ends, what is allowed passes.
 */
#include "policy.h"
#include "property.h"

#define TALES 300
#define STEPS 60

#define IN_SET 0x1000
#define EG_SET 0x2000

/* What has been delivered so far. An end is 0 or 1; a direction has the number of the end that sends. */
struct tale {
	struct tuple to[2];
	bool near[2];   /* a pod of this node */
	bool keep;      /* established connections are left alone */
	bool denied[2]; /* this end may not open a connection to the other */
	bool asked[2];  /* it has, at some time */
	/* Of an end that has asked, until it takes up the answer; of both for longer than need be. */
	bool opening[2], answered[2];
	int first; /* the end that began a flow without states; or -1 */
	uint32_t epoch;
};

static const uint8_t tcp_flags[] = {
	TCP_SYN,           TCP_SYN,
	TCP_SYN,           TCP_ACK,
	TCP_ACK,           TCP_SYN | TCP_ACK,
	TCP_FIN | TCP_ACK, TCP_RST,
	TCP_RST | TCP_ACK, TCP_SYN | TCP_FIN,
	TCP_SYN | TCP_RST, TCP_PSH,
	TCP_SYN | TCP_PSH, 0x20,
};

static const uint8_t sctp_flags[] = { TCP_SYN, TCP_SYN, TCP_ACK, TCP_SYN | TCP_ACK,
	                              TCP_ACK, TCP_FIN, TCP_RST };

static void tale_begin(struct run *r, struct tale *t, uint64_t *rng)
{
	static const enum host others[] = { POD_B, BRIDGED, WORLD };
	enum host other = others[random_below(rng, 3)];
	struct tuple ab = { POD_A, 4000, other, r->proto == IPPROTO_ICMP ? 4000 : 9000 };

	*t = (struct tale){ .to = { ab, swapped(ab) },
		            .near = { true, other != WORLD },
		            .keep = !random_below(rng, 3),
		            .first = -1,
		            .epoch = EPOCH };
	table_clear(r->o, r->family == AF_INET ? FLOWS4 : FLOWS6);
	policy_reset(r);
	policy_begin(r, 0);
	policy_set_of(r, IN_SET);
	policy_set_of(r, EG_SET);
}

/* Each direction is denied by one end or the other. */
static void tale_policies(struct run *r, struct tale *t, uint64_t *rng)
{
	uint64_t ingress[2] = { 0, 0 }, egress[2] = { 0, 0 };

	for (int end = 0; end < 2; end++) {
		bool by_ingress = t->near[!end] && (!t->near[end] || random_below(rng, 2));

		t->denied[end] = !random_below(rng, 2);
		if (t->denied[end] && by_ingress)
			ingress[!end] = IN_SET;
		else if (t->denied[end])
			egress[end] = EG_SET;
	}
	for (int end = 0; end < 2; end++)
		if (t->near[end])
			subject(r, t->to[end].src, ingress[end], egress[end]);
	if (!t->keep)
		policy_epoch(r, ++t->epoch);
}

/* Whether this packet is delivered. */
static bool tale_send(struct run *r, const struct tale *t, int end, uint8_t flags)
{
	bool in = t->near[end];
	struct segment s = { .flags = flags, .reply = end == 1 };
	struct test_run run = { .ifindex = in ? host_dev(t->to[end].src) : PODA,
		                .ingress_ifindex = in ? host_dev(t->to[end].src) : UP0 };

	run.in = in ? arriving_(r, t->to[end], s) : leaving_(r, t->to[end], s);
	if (program_run(r, r->o, in ? POD_IN : POD_OUT, &run))
		fail(r, "the test run failed");
	return run.action != TC_ACT_SHOT;
}

/* A connection under way, for the sake of a SYN that crosses another. */
static void tale_note(struct tale *t, int end, bool asks, uint8_t flags)
{
	if (asks && !(flags & TCP_RST))
		t->asked[end] = true;
	if (flags & TCP_RST || (flags & TCP_FIN && !asks)) {
		t->opening[0] = t->opening[1] = false;
		return;
	}
	if (asks) {
		t->opening[end] = true;
		t->answered[end] = false;
	} else if (t->answered[end]) {
		t->opening[end] = false;
	}
	t->answered[!end] = true;
}

/* Whether it may be delivered. */
static bool tale_may(const struct tale *t, int end, bool asks)
{
	bool known = t->asked[0] || t->asked[1];

	if (asks)
		return !t->denied[end] || (t->opening[!end] && (t->keep || !t->denied[!end]));
	return t->keep || (!t->denied[0] && (t->asked[0] || !known)) ||
	       (!t->denied[1] && (t->asked[1] || !known));
}

static void tale_segment(struct run *r, struct tale *t, uint64_t *rng)
{
	bool tcp = r->proto == IPPROTO_TCP;
	uint8_t flags = tcp ? tcp_flags[random_below(rng, sizeof(tcp_flags))]
	                    : sctp_flags[random_below(rng, sizeof(sctp_flags))];
	int end = random_below(rng, 2);
	bool asks = (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	bool passed = tale_send(r, t, end, flags), may = tale_may(t, end, asks);

	if (passed && !may)
		fail(r, "flags %#x of end %d were delivered", flags, end);
	if (!passed && !t->denied[0] && !t->denied[1])
		fail(r, "flags %#x of end %d were dropped, and nothing is denied", flags, end);
	if (passed)
		tale_note(t, end, asks, flags);
}

/* Without states: who is heard first has begun it. */
static void tale_datagram(struct run *r, struct tale *t, uint64_t *rng)
{
	int end = random_below(rng, 2);
	int first = t->first < 0 ? end : t->first;
	bool passed = tale_send(r, t, end, 0);
	bool may = !t->denied[first] || (t->keep && t->first >= 0);

	if (passed != may)
		fail(r, "a packet of end %d was %s", end, passed ? "delivered" : "dropped");
	if (passed)
		t->first = first;
}

TEST(policy_holds_whatever_is_sent, BOTH, ANY)
{
	uint64_t rng = random_start(r->family * 512 + r->proto);
	struct tale t;

	for (uint32_t i = 0; i < TALES; i++) {
		tale_begin(r, &t, &rng);
		for (uint32_t n = 0; n < STEPS; n++) {
			if (!random_below(&rng, 6))
				tale_policies(r, &t, &rng);
			if (has_states(r))
				tale_segment(r, &t, &rng);
			else
				tale_datagram(r, &t, &rng);
		}
	}
	told_discard(r);
	counters_read(r->o, r->counters);
	drops_read(r->o, r->drops);
	table_clear(r->o, r->family == AF_INET ? FLOWS4 : FLOWS6);
}
