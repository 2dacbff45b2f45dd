// SPDX-License-Identifier: Apache-2.0
/* Connections that connection tracking translates for somebody else, under the real tables. */
#include <arpa/inet.h>

#include <bpf/bpf.h>

#include "abi.h"
#include "conntrack.h"
#include "support.h"
#include "tuple_set.h"

#define VIP4    "10.96.0.10"
#define VIP6    "fd00:96::10"
#define NODE4   "172.30.0.1"
#define REPLIED "--status SEEN_REPLY,ASSURED --timeout 300"

static struct dataplane *open_real(void)
{
	struct dataplane *dp = test__open_objects(bpffs, REAL_OBJECTS, NULL);
	const struct svc svc = { .id = 1 };
	struct svc4_key v4 = { .port = htons(80), .proto = IPPROTO_TCP };
	struct svc6_key v6 = { .port = htons(80), .proto = IPPROTO_UDP };
	uint32_t applied;

	inet_pton(AF_INET, VIP4, &v4.addr);
	inet_pton(AF_INET6, VIP6, &v6.addr);
	CHECK(!map__update(dataplane__map(dp, "svcs4"), &v4, &svc, 1, &applied));
	CHECK(!map__update(dataplane__map(dp, "svcs6"), &v6, &svc, 1, &applied));
	return dp;
}

static struct wire_adoption adopt(struct dataplane *dp, enum wire_adopt what)
{
	struct wire_adoption found;

	CHECK_EQ(dataplane__adopt(dp, what, &found), 0);
	return found;
}

/* @nat: what becomes of it, in the words of conntrack(8). */
static void track_tcp(int port, const char *state, const char *nat)
{
	test__shell("conntrack -I -p tcp -s 10.244.1.2 -d " VIP4 " --sport %d --dport 80 "
	            "--state %s " REPLIED " %s >/dev/null 2>&1",
	            port, state, nat);
}

static void untrack_tcp(int port)
{
	test__shell("conntrack -D -p tcp --sport %d >/dev/null 2>&1", port);
}

static bool flow_of(struct dataplane *dp, const char *from, int sport, const char *to, int dport,
                    struct flow4 *flow)
{
	struct flow4_key key = { .sport = htons(sport),
		                 .dport = htons(dport),
		                 .proto = IPPROTO_TCP };

	inet_pton(AF_INET, from, &key.saddr);
	inet_pton(AF_INET, to, &key.daddr);
	return !bpf_map_lookup_elem(dataplane__map(dp, "flows4")->fd, &key, flow);
}

static void both_sides_of_a_translated_connection_are_entered(void)
{
	struct dataplane *dp = open_real();
	const uint16_t own = FLOW_PLAIN | FLOW_ADOPTED | FLOW_MIDFLOW;
	struct wire_adoption found;
	struct flow4 flow;

	track_tcp(40000, "ESTABLISHED", "--dst-nat 10.244.2.3:8080 --src-nat " NODE4 ":31000");
	found = adopt(dp, WIRE_ADOPT_FIND);
	CHECK_EQ(found.tracked, 1);
	CHECK_EQ(found.tcp, 1);
	CHECK_EQ(found.written, 4);
	CHECK(flow_of(dp, "10.244.1.2", 40000, VIP4, 80, &flow));
	CHECK_EQ(flow.flags, own);
	CHECK_EQ(flow.state, FLOW_STATE_ESTABLISHED);
	CHECK_EQ(flow.in_ifindex, IFINDEX_ANY);
	CHECK(flow_of(dp, VIP4, 80, "10.244.1.2", 40000, &flow));
	CHECK_EQ(flow.flags, own | FLOW_REPLY);
	CHECK(flow_of(dp, NODE4, 31000, "10.244.2.3", 8080, &flow));
	CHECK_EQ(flow.flags, own);
	CHECK(flow_of(dp, "10.244.2.3", 8080, NODE4, 31000, &flow));
	CHECK_EQ(flow.flags, own | FLOW_REPLY);
	CHECK_EQ(adopt(dp, WIRE_ADOPT_FIND).written, 0);
	dataplane__free(dp);
}

static void ipv6_and_udp_likewise(void)
{
	struct dataplane *dp = open_real();
	struct wire_adoption found;

	test__shell("conntrack -I -p udp -s fd00::2 -d " VIP6 " --sport 5000 --dport 80 "
	            "--dst-nat fd00::3 --timeout 100 >/dev/null 2>&1");
	found = adopt(dp, WIRE_ADOPT_FIND);
	CHECK_EQ(found.udp, 1);
	CHECK_EQ(found.written, 4);
	CHECK_EQ(adopt(dp, WIRE_ADOPT_KEEP).udp, 1);
	dataplane__free(dp);
}

/* Ports that are translated alone, to no service, not at all; and what has ended. */
static void only_open_connections_to_services_count(void)
{
	struct dataplane *dp = open_real();
	struct flow4 flow;

	track_tcp(40000, "ESTABLISHED", "");
	track_tcp(40001, "TIME_WAIT", "--dst-nat 10.244.2.3:8080");
	track_tcp(40002, "CLOSE", "--dst-nat 10.244.2.3:8080");
	test__shell(
		"conntrack -I -p tcp -s 10.244.1.2 -d 192.0.2.1 --sport 40003 --dport 80 --state "
		"ESTABLISHED " REPLIED " --dst-nat 10.244.2.3:8080 >/dev/null 2>&1");
	/* The kernel would have forgotten it before anybody looks again. */
	test__shell("conntrack -I -p udp -s 10.244.1.2 -d " VIP4 " --sport 40003 --dport 80 "
	            "--dst-nat 10.244.2.3:8080 --timeout 10 >/dev/null 2>&1");
	CHECK_EQ(adopt(dp, WIRE_ADOPT_FIND).written, 0);
	track_tcp(40004, "CLOSE_WAIT", "--dst-nat 10.244.2.3:8080");
	CHECK_EQ(adopt(dp, WIRE_ADOPT_FIND).written, 4);
	CHECK(flow_of(dp, "10.244.1.2", 40004, VIP4, 80, &flow));
	CHECK_EQ(flow.state, FLOW_STATE_CLOSING);
	CHECK(flow.flags & FLOW_FIN);
	dataplane__free(dp);
}

/* The kernel keeps two connections from one port to one pod apart, and that takes rules, too. */
static void a_source_port_that_had_to_give_way_counts(void)
{
	struct dataplane *dp = open_real();
	struct wire_adoption found;

	test__shell("conntrack -I -p tcp -s 10.244.1.2 -d 10.244.2.3 --sport 40000 --dport 8080 "
	            "--src-nat 10.244.1.2:41000 --state ESTABLISHED --timeout 100 >/dev/null 2>&1");
	test__shell("conntrack -I -p tcp -s 10.244.1.2 -d 192.0.2.1 --sport 40000 --dport 80 "
	            "--src-nat " NODE4 ":41000 --state ESTABLISHED --timeout 100 >/dev/null 2>&1");
	found = adopt(dp, WIRE_ADOPT_KEEP);
	CHECK_EQ(found.apart, 1);
	CHECK_EQ(found.tracked + found.tcp, 0);
	dataplane__free(dp);
}

static void what_is_translated_no_more_is_taken_out(void)
{
	struct dataplane *dp = open_real();
	struct wire_adoption found;
	struct flow4 flow, ours = { .state = FLOW_STATE_ESTABLISHED };
	struct flow4_key key = { .sport = 1, .proto = IPPROTO_TCP };
	uint32_t applied;

	CHECK(!map__update(dataplane__map(dp, "flows4"), &key, &ours, 1, &applied));
	track_tcp(40000, "ESTABLISHED", "--dst-nat 10.244.2.3:8080");
	track_tcp(40001, "ESTABLISHED", "--dst-nat 10.244.2.3:8080");
	CHECK_EQ(adopt(dp, WIRE_ADOPT_FIND).tcp, 2);
	CHECK_EQ(adopt(dp, WIRE_ADOPT_KEEP).gone, 0);
	untrack_tcp(40000);
	found = adopt(dp, WIRE_ADOPT_KEEP);
	CHECK_EQ(found.gone, 4);
	CHECK_EQ(found.tcp, 1);
	CHECK(!flow_of(dp, "10.244.1.2", 40000, VIP4, 80, &flow));
	CHECK(flow_of(dp, "10.244.1.2", 40001, VIP4, 80, &flow));
	CHECK(!bpf_map_lookup_elem(dataplane__map(dp, "flows4")->fd, &key, &ours));
	dataplane__free(dp);
}

/* By a hook that does not see its answers. */
static void one_that_was_learned_unanswered_is_open_once_it_is_answered(void)
{
	struct dataplane *dp = open_real();
	struct flow4_key key = { .sport = htons(40000), .dport = htons(80), .proto = IPPROTO_TCP };
	struct flow4 learned = { .flags = FLOW_PLAIN | FLOW_ADOPTED, .state = FLOW_STATE_NEW };
	struct flow4 flow;
	uint32_t applied;

	inet_pton(AF_INET, "10.244.1.2", &key.saddr);
	inet_pton(AF_INET, VIP4, &key.daddr);
	CHECK(!map__update(dataplane__map(dp, "flows4"), &key, &learned, 1, &applied));
	track_tcp(40000, "ESTABLISHED", "--dst-nat 10.244.2.3:8080");
	CHECK_EQ(adopt(dp, WIRE_ADOPT_FIND).written, 4);
	CHECK(flow_of(dp, "10.244.1.2", 40000, VIP4, 80, &flow));
	CHECK_EQ(flow.state, FLOW_STATE_ESTABLISHED);
	dataplane__free(dp);
}

static void a_flow_of_ours_is_left_as_it_is(void)
{
	struct dataplane *dp = open_real();
	struct flow4_key key = { .sport = htons(40000), .dport = htons(80), .proto = IPPROTO_TCP };
	struct flow4 ours = { .svc = 1, .state = FLOW_STATE_ESTABLISHED }, flow;
	uint32_t applied;

	inet_pton(AF_INET, "10.244.1.2", &key.saddr);
	inet_pton(AF_INET, VIP4, &key.daddr);
	CHECK(!map__update(dataplane__map(dp, "flows4"), &key, &ours, 1, &applied));
	track_tcp(40000, "ESTABLISHED", "--dst-nat 10.244.2.3:8080");
	CHECK_EQ(adopt(dp, WIRE_ADOPT_FIND).written, 3);
	CHECK(flow_of(dp, "10.244.1.2", 40000, VIP4, 80, &flow));
	CHECK_EQ(flow.svc, 1);
	dataplane__free(dp);
}

static void serving_outlives_the_process(void)
{
	struct dataplane *dp = open_real();

	CHECK_EQ(dataplane__serving(dp, SERVING_HELD), HOLD_NONE);
	CHECK_EQ(dataplane__set_serving(dp, SERVING_HELD, HOLD_BACK), 0);
	CHECK_EQ(dataplane__set_serving(dp, SERVING_ADOPTED, ADOPTED_UDP), 0);
	CHECK_EQ(dataplane__serving(dp, SERVING_MAX), -ENOENT);
	dataplane__free(dp);
	dp = open_real();
	CHECK_EQ(dataplane__serving(dp, SERVING_HELD), HOLD_BACK);
	CHECK_EQ(dataplane__serving(dp, SERVING_ADOPTED), ADOPTED_UDP);
	dataplane__free(dp);
}

static void a_set_of_many_tuples_knows_them_from_either_end(void)
{
	struct tuple_set set = {};
	struct conntrack_tuple tuple = { .daddr.w[0] = 7, .dport = 80 };

	CHECK(!tuple_set__has(&set, AF_INET, IPPROTO_TCP, &tuple));
	for (uint16_t i = 0; i < 5000; i++) {
		tuple.sport = i;
		CHECK_EQ(tuple_set__add(&set, AF_INET, IPPROTO_TCP, &tuple), 0);
		CHECK_EQ(tuple_set__add(&set, AF_INET, IPPROTO_TCP, &tuple), 0);
	}
	CHECK_EQ(set.n, 5000);
	for (uint16_t i = 0; i < 5000; i++) {
		struct conntrack_tuple turned = { .saddr.w[0] = 7, .sport = 80, .dport = i };

		CHECK(tuple_set__has(&set, AF_INET, IPPROTO_TCP, &turned));
		CHECK(!tuple_set__has(&set, AF_INET, IPPROTO_UDP, &turned));
		CHECK(!tuple_set__has(&set, AF_INET6, IPPROTO_TCP, &turned));
	}
	tuple_set__close(&set);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(both_sides_of_a_translated_connection_are_entered),
		TEST(ipv6_and_udp_likewise),
		TEST(only_open_connections_to_services_count),
		TEST(a_source_port_that_had_to_give_way_counts),
		TEST(what_is_translated_no_more_is_taken_out),
		TEST(one_that_was_learned_unanswered_is_open_once_it_is_answered),
		TEST(a_flow_of_ours_is_left_as_it_is),
		TEST(serving_outlives_the_process),
		TEST(a_set_of_many_tuples_knows_them_from_either_end),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
