// SPDX-License-Identifier: Apache-2.0
/* Connections that we carry become the host's connection tracking's. */
#include <arpa/inet.h>

#include <bpf/bpf.h>

#include "abi.h"
#include "pins.h"
#include "support.h"

static struct dataplane *open_real(void)
{
	return test__open_objects(bpffs, REAL_OBJECTS, NULL);
}

struct end {
	const char *from;
	int sport;
	const char *to;
	int dport;
};

static void put4(struct dataplane *dp, uint8_t proto, struct end before, struct end after,
                 uint16_t flags, uint8_t state)
{
	struct flow4_key key = { .sport = htons(before.sport),
		                 .dport = htons(before.dport),
		                 .proto = proto };
	struct flow4 flow = { .sport = htons(after.sport),
		              .dport = htons(after.dport),
		              .flags = flags,
		              .state = state };
	uint32_t applied;

	inet_pton(AF_INET, before.from, &key.saddr);
	inet_pton(AF_INET, before.to, &key.daddr);
	inet_pton(AF_INET, after.from, &flow.saddr);
	inet_pton(AF_INET, after.to, &flow.daddr);
	CHECK(!map__update(dataplane__map(dp, "flows4"), &key, &flow, 1, &applied));
}

static struct end turned(struct end end)
{
	return (struct end){ end.to, end.dport, end.from, end.sport };
}

/* Both halves. */
static void pair4(struct dataplane *dp, uint8_t proto, struct end in, struct end out,
                  uint16_t flags, uint8_t state)
{
	put4(dp, proto, in, out, flags, state);
	put4(dp, proto, turned(out), turned(in), flags | FLOW_REPLY, state);
}

static uint32_t entries(struct dataplane *dp, const char *name)
{
	struct map_dump *dump = NULL;
	struct flow6_key keys[64];
	struct flow6 values[64];
	uint32_t n, all = 0;

	CHECK_EQ(map_dump__open(&dump, dataplane__map(dp, name)), 0);
	do {
		CHECK_EQ(map_dump__next(dump, keys, values, 64, &n), 0);
		all += n;
	} while (n);
	map_dump__free(dump);
	return all;
}

/* Of TCP. */
static uint16_t flags_of(struct dataplane *dp, struct end end)
{
	struct flow4_key key = { .sport = htons(end.sport),
		                 .dport = htons(end.dport),
		                 .proto = IPPROTO_TCP };
	struct flow4 flow;

	inet_pton(AF_INET, end.from, &key.saddr);
	inet_pton(AF_INET, end.to, &key.daddr);
	CHECK(!bpf_map_lookup_elem(dataplane__map(dp, "flows4")->fd, &key, &flow));
	return flow.flags;
}

static struct wire_handback hand_back(enum wire_hand what)
{
	struct wire_handback count;

	CHECK_EQ(pins__hand_back(bpffs, what, &count), 0);
	return count;
}

/* @words: what conntrack(8) prints of it, as an extended regular expression. */
static void is_tracked(const char *family, const char *words)
{
	test__shell("conntrack -L -f %s 2>/dev/null | grep -qE '%s'", family, words);
}

static const struct end in = { "10.244.1.2", 40000, "10.96.0.10", 80 };
static const struct end out = { "10.244.1.2", 40000, "10.244.2.3", 8080 };

static void an_open_connection_is_tracked_as_if_a_rule_had_translated_it(void)
{
	const struct end ends[] = { in, out, turned(in), turned(out) };
	struct dataplane *dp = open_real();

	pair4(dp, IPPROTO_TCP, in, out, FLOW_LOCAL, FLOW_STATE_ESTABLISHED);
	CHECK_EQ(hand_back(WIRE_HAND_LOOK).moved, 1);
	CHECK_EQ(entries(dp, "flows4"), 2);
	CHECK_EQ(hand_back(WIRE_HAND_MOVE).moved, 1);
	CHECK_EQ(entries(dp, "flows4"), 4);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(flags_of(dp, ends[i]) & ~FLOW_REPLY,
		         FLOW_PLAIN | FLOW_ADOPTED | FLOW_MIDFLOW);
	CHECK_EQ(hand_back(WIRE_HAND_MOVE).moved, 0);
	is_tracked("ipv4", "tcp .*ESTABLISHED src=10.244.1.2 dst=10.96.0.10 sport=40000 dport=80 "
	                   "src=10.244.2.3 dst=10.244.1.2 sport=8080 dport=40000 \\[ASSURED\\]");
	dataplane__free(dp);
}

static void a_source_that_was_translated_is_translated_so(void)
{
	struct dataplane *dp = open_real();
	const struct end from = { "172.30.0.100", 5000, "172.30.0.1", 30010 };
	const struct end to = { "172.30.0.1", 20007, "10.244.2.3", 8080 };

	pair4(dp, IPPROTO_UDP, from, to, FLOW_SNAT, FLOW_STATE_ESTABLISHED);
	CHECK_EQ(hand_back(WIRE_HAND_MOVE).moved, 1);
	is_tracked("ipv4", "udp .*src=172.30.0.100 dst=172.30.0.1 sport=5000 dport=30010 "
	                   "src=10.244.2.3 dst=172.30.0.1 sport=8080 dport=20007 ");
	dataplane__free(dp);
}

/* As long as it is ours nothing else changes. */
static void a_port_that_we_have_given_is_nobody_elses_before_we_let_go(void)
{
	struct dataplane *dp = open_real();
	const struct end from = { "172.30.0.100", 5000, "172.30.0.1", 30010 };
	const struct end to = { "172.30.0.1", 20007, "10.244.2.3", 8080 };

	pair4(dp, IPPROTO_TCP, from, to, FLOW_SNAT, FLOW_STATE_ESTABLISHED);
	pair4(dp, IPPROTO_TCP, in, out, 0, FLOW_STATE_ESTABLISHED);
	CHECK_EQ(hand_back(WIRE_HAND_RESERVE).moved, 1);
	CHECK_EQ(hand_back(WIRE_HAND_RESERVE).moved, 0);
	CHECK_EQ(hand_back(WIRE_HAND_RESERVE).failed, 0);
	CHECK_EQ(entries(dp, "flows4"), 4);
	CHECK_EQ(flags_of(dp, from), FLOW_SNAT);
	is_tracked("ipv4",
	           "src=172.30.0.100 .*sport=5000 .* dst=172.30.0.1 sport=8080 dport=20007");
	CHECK_EQ(hand_back(WIRE_HAND_MOVE).moved, 2);
	test__shell("test \"$(conntrack -L 2>/dev/null | wc -l)\" = 2");
	dataplane__free(dp);
}

static void ipv6_likewise(void)
{
	struct dataplane *dp = open_real();
	struct flow6_key key = { .sport = htons(40000), .dport = htons(80), .proto = IPPROTO_TCP };
	struct flow6 flow = { .sport = htons(40000),
		              .dport = htons(8080),
		              .state = FLOW_STATE_ESTABLISHED };
	uint32_t applied;

	inet_pton(AF_INET6, "fd00::2", &key.saddr);
	inet_pton(AF_INET6, "fd00:96::10", &key.daddr);
	flow.saddr = key.saddr;
	inet_pton(AF_INET6, "fd00::3", &flow.daddr);
	CHECK(!map__update(dataplane__map(dp, "flows6"), &key, &flow, 1, &applied));
	CHECK_EQ(hand_back(WIRE_HAND_MOVE).moved, 1);
	is_tracked("ipv6", "src=fd00::2 dst=fd00:96::10 sport=40000 dport=80 src=fd00::3 "
	                   "dst=fd00::2 sport=8080 dport=40000");
	dataplane__free(dp);
}

/* What the host has noted of packets before or behind our translation is in nobody's way. */
static void what_was_tracked_of_it_before_gives_way(void)
{
	struct dataplane *dp = open_real();

	test__shell("conntrack -I -p tcp -s 10.244.1.2 -d 10.244.2.3 --sport 40000 --dport 8080 "
	            "--state ESTABLISHED --timeout 100 >/dev/null 2>&1");
	pair4(dp, IPPROTO_TCP, in, out, FLOW_HOST, FLOW_STATE_ESTABLISHED);
	CHECK_EQ(hand_back(WIRE_HAND_MOVE).moved, 1);
	test__shell("test \"$(conntrack -L 2>/dev/null | wc -l)\" = 1");
	is_tracked("ipv4", "dst=10.96.0.10 .* src=10.244.2.3 ");
	dataplane__free(dp);
}

/* Half tracked, it would be invalid: it is forgotten, to be taken up in the middle. */
static void a_direct_connection_goes_by_the_stack_and_is_tracked_anew(void)
{
	struct dataplane *dp = open_real();

	test__shell("conntrack -I -p tcp -s 10.244.1.2 -d 10.244.2.3 --sport 40000 --dport 8080 "
	            "--state ESTABLISHED --timeout 100 >/dev/null 2>&1");
	pair4(dp, IPPROTO_TCP, out, out, FLOW_PLAIN | FLOW_DIRECT, FLOW_STATE_ESTABLISHED);
	CHECK_EQ(hand_back(WIRE_HAND_MOVE).direct, 1);
	CHECK_EQ(flags_of(dp, out), FLOW_PLAIN);
	CHECK_EQ(flags_of(dp, turned(out)), FLOW_PLAIN | FLOW_REPLY);
	CHECK_EQ(hand_back(WIRE_HAND_MOVE).direct, 0);
	test__shell("test \"$(conntrack -L 2>/dev/null | wc -l)\" = 0");
	dataplane__free(dp);
}

/* Else the kernel would give the direct one another port, in its middle. */
static void what_was_translated_from_its_port_before_gives_way(void)
{
	struct dataplane *dp = open_real();

	test__shell("conntrack -I -p tcp -s 10.244.1.2 -d 10.96.0.10 --sport 40000 --dport 80 "
	            "--dst-nat 10.244.2.3:8080 --state TIME_WAIT --timeout 100 >/dev/null 2>&1");
	pair4(dp, IPPROTO_TCP, out, out, FLOW_PLAIN | FLOW_DIRECT, FLOW_STATE_ESTABLISHED);
	CHECK_EQ(hand_back(WIRE_HAND_MOVE).direct, 1);
	test__shell("test \"$(conntrack -L 2>/dev/null | wc -l)\" = 0");
	dataplane__free(dp);
}

static void what_only_we_can_carry_stays(void)
{
	struct dataplane *dp = open_real();
	struct wire_handback count;
	struct end other = in, other_out = out;

	pair4(dp, IPPROTO_SCTP, in, out, 0, FLOW_STATE_ESTABLISHED);
	pair4(dp, IPPROTO_TCP, in, out, FLOW_STACK, FLOW_STATE_ESTABLISHED);
	other.sport = other_out.sport = 40001;
	pair4(dp, IPPROTO_TCP, other, other_out, 0, FLOW_STATE_CLOSED);
	other.sport = other_out.sport = 40002;
	pair4(dp, IPPROTO_TCP, other, other_out, FLOW_PLAIN, FLOW_STATE_ESTABLISHED);
	count = hand_back(WIRE_HAND_MOVE);
	CHECK_EQ(count.left, 2);
	CHECK_EQ(count.moved + count.direct + count.failed, 0);
	/* But for what is over, whose port is free now. */
	CHECK_EQ(entries(dp, "flows4"), 6);
	dataplane__free(dp);
}

static void serving_is_said_by_the_pins(void)
{
	struct dataplane *dp = open_real();

	CHECK_EQ(pins__set_serving(bpffs, SERVING_HELD, HOLD_BACK), 0);
	CHECK_EQ(dataplane__serving(dp, SERVING_HELD), HOLD_BACK);
	CHECK_EQ(pins__serving(bpffs, SERVING_HELD), HOLD_BACK);
	CHECK_EQ(pins__serving("/tmp", SERVING_HELD), -ENOENT);
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(an_open_connection_is_tracked_as_if_a_rule_had_translated_it),
		TEST(a_source_that_was_translated_is_translated_so),
		TEST(a_port_that_we_have_given_is_nobody_elses_before_we_let_go),
		TEST(ipv6_likewise),
		TEST(what_was_tracked_of_it_before_gives_way),
		TEST(a_direct_connection_goes_by_the_stack_and_is_tracked_anew),
		TEST(what_was_translated_from_its_port_before_gives_way),
		TEST(what_only_we_can_carry_stays),
		TEST(serving_is_said_by_the_pins),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
