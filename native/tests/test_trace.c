// SPDX-License-Identifier: Apache-2.0
/* What a trace tells is what the hooks then do, and it leaves nothing behind. */
#include <arpa/inet.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf.h>

#include "log.h"
#include "map.h"
#include "sockets_world.h"

#define SOURCE_PORT 40000
#define FRAME_MAX   128

static const struct host client = { "10.1.0.9", "fd00:1::9" };
static const struct host node = { "192.0.2.1", "2001:db8::1" };

struct frame {
	uint8_t bytes[FRAME_MAX];
	struct wire_packet packet;
};

static void put16(uint8_t *at, uint16_t value)
{
	value = htons(value);
	memcpy(at, &value, sizeof(value));
}

/* A SYN from the client to a frontend, met at the loopback device. */
static struct frame syn(int family, const struct host *to, uint16_t port)
{
	struct frame f = { .packet = { .ifindex = 1, .ingress_ifindex = 1, .action = 99 } };
	uint8_t *ip = f.bytes + 14, *tcp = ip + (family == 4 ? 20 : 40);

	put16(f.bytes + 12, family == 4 ? 0x0800 : 0x86dd);
	if (family == 4) {
		ip[0] = 0x45;
		put16(ip + 2, 40);
		ip[8] = 64;
		ip[9] = IPPROTO_TCP;
		inet_pton(AF_INET, client.v4, ip + 12);
		inet_pton(AF_INET, to->v4, ip + 16);
	} else {
		ip[0] = 0x60;
		put16(ip + 4, 20);
		ip[6] = IPPROTO_TCP;
		ip[7] = 64;
		inet_pton(AF_INET6, client.v6, ip + 8);
		inet_pton(AF_INET6, to->v6, ip + 24);
	}
	put16(tcp, SOURCE_PORT);
	put16(tcp + 2, port);
	tcp[12] = 0x50;
	tcp[13] = 0x02;
	f.packet.length = (uint32_t)(tcp + 20 - f.bytes);
	return f;
}

static size_t flows(const struct dataplane *dp, int family)
{
	const struct map *map = dataplane__map(dp, family == 4 ? "flows4" : "flows6");
	uint8_t keys[1024 * sizeof(struct flow6_key)], values[1024 * sizeof(struct flow6)];
	struct map_dump *dump;
	uint32_t n, sum = 0;

	CHECK_EQ(map_dump__open(&dump, map), 0);
	do {
		CHECK_EQ(map_dump__next(dump, keys, values, 1024, &n), 0);
		sum += n;
	} while (n);
	map_dump__free(dump);
	return sum;
}

static struct trace ask(const struct dataplane *dp, int family, struct frame f)
{
	struct trace told;
	char name[32];

	snprintf(name, sizeof(name), "trace_pod_in%d", family);
	memset(&told, 0xff, sizeof(told));
	CHECK_EQ(dataplane__trace(dp, name, &f.packet, f.bytes, sizeof(f.bytes), &told), 0);
	return told;
}

static void send_(const struct dataplane *dp, int family, struct frame f)
{
	CHECK_EQ(dataplane__run(dp, family == 4 ? "pod_in4" : "pod_in6", &f.packet, 1, f.bytes,
	                        sizeof(f.bytes)),
	         1);
}

static uint64_t dropped(const struct dataplane *dp, uint32_t reason)
{
	uint64_t sums[2] = {};

	CHECK_EQ(map__sum_percpu(dataplane__map(dp, "drops"), reason, sums, 2), 0);
	return sums[0];
}

static uint32_t backend_of(const struct trace *told)
{
	const struct host *hosts[] = { &backend_a, &backend_b };

	for (uint32_t i = 0; i < 2; i++) {
		struct addr6 six;

		if (told->daddr.w[0] == 0) {
			six = (struct addr6){ .w = { 0, 0, htonl(0xffff) } };
			inet_pton(AF_INET, hosts[i]->v4, &six.w[3]);
		} else {
			inet_pton(AF_INET6, hosts[i]->v6, &six);
		}
		if (!memcmp(&six, &told->daddr, sizeof(six)))
			return i + 1;
	}
	return 0;
}

static void a_trace_opens_nothing_and_counts_nothing(void)
{
	struct dataplane *dp = world__open_objects(REAL_OBJECTS, 0);

	world__service(dp, &vip, 80);
	for (int family = 4; family <= 6; family += 2) {
		struct trace told = ask(dp, family, syn(family, &vip, 80));

		CHECK_EQ(told.reason, 0);
		CHECK_EQ(told.steps & (TRACE_FLOW | TRACE_SERVICE | TRACE_BACKEND),
		         TRACE_SERVICE | TRACE_BACKEND);
		CHECK_EQ(told.svc.id, SVC_ID);
		CHECK_EQ(told.svc.all.count, 2);
		CHECK_EQ(backend_of(&told), told.backend);
		CHECK_EQ(ntohs(told.sport), SOURCE_PORT);
		CHECK_EQ(ntohs(told.dport), 8080);
		CHECK_EQ(flows(dp, family), 0);
	}
	for (uint32_t i = 0; i < COUNTER_MAX; i++)
		CHECK_EQ(test__counter(dp, i), 0);
	dataplane__free(dp);
}

static void a_flow_that_is_there_is_told_and_not_touched(void)
{
	struct dataplane *dp = world__open_objects(REAL_OBJECTS, 0);

	world__service(dp, &vip, 80);
	for (int family = 4; family <= 6; family += 2) {
		struct trace first, again;

		send_(dp, family, syn(family, &vip, 80));
		CHECK_EQ(flows(dp, family), 2);
		first = ask(dp, family, syn(family, &vip, 80));
		CHECK(first.steps & TRACE_FLOW);
		CHECK(!(first.steps & TRACE_SERVICE));
		CHECK_EQ(first.state, FLOW_STATE_NEW);
		CHECK_EQ(first.svc.id, SVC_ID);
		CHECK_EQ(backend_of(&first), first.backend);
		/* Where the choice is random, only a flow leads to the same again and again. */
		for (int i = 0; i < 8; i++) {
			again = ask(dp, family, syn(family, &vip, 80));
			CHECK_EQ(again.backend, first.backend);
		}
		CHECK_EQ(flows(dp, family), 2);
	}
	dataplane__free(dp);
}

static void what_the_hook_refuses_is_told_with_its_reason(void)
{
	struct dataplane *dp = world__open_objects(REAL_OBJECTS, 0);

	world__frontend(dp, &vip, 80, IPPROTO_TCP, 0, 0, 0);
	world__frontend(dp, &other_vip, 80, IPPROTO_TCP, SVC_LOCAL, 2, 0);
	for (int family = 4; family <= 6; family += 2) {
		CHECK_EQ(ask(dp, family, syn(family, &vip, 80)).reason, DROP_NO_ENDPOINT);
		CHECK_EQ(ask(dp, family, syn(family, &other_vip, 80)).reason,
		         DROP_NO_LOCAL_ENDPOINT);
		CHECK_EQ(ask(dp, family, syn(family, &other_vip, 80)).way, TRACE_ENDS);
		CHECK_EQ(dropped(dp, DROP_NO_LOCAL_ENDPOINT), family == 4 ? 0 : 1);
		send_(dp, family, syn(family, &other_vip, 80));
		CHECK_EQ(dropped(dp, DROP_NO_LOCAL_ENDPOINT), family == 4 ? 1 : 2);
	}
	dataplane__free(dp);
}

static void a_hairpin_gets_the_address_of_the_node_and_a_port(void)
{
	struct dataplane *dp = world__open_objects(REAL_OBJECTS, 0);

	world__node(dp, &node);
	world__backend(dp, BACKEND_A, &client, BACKEND_ACTIVE, 1);
	world__frontend(dp, &vip, 80, IPPROTO_TCP, 0, 1, 0);
	for (int family = 4; family <= 6; family += 2) {
		struct trace told = ask(dp, family, syn(family, &vip, 80));

		CHECK_EQ(told.reason, 0);
		CHECK(told.steps & TRACE_PORT);
		CHECK(told.flags & FLOW_HAIRPIN);
		CHECK_EQ(flows(dp, family), 0);
	}
	dataplane__free(dp);
}

static void what_cannot_be_asked_is_named(void)
{
	struct dataplane *dp = world__open_objects(REAL_OBJECTS, 0);
	struct frame f = syn(4, &vip, 80);
	struct trace told;

	CHECK_EQ(dataplane__trace(dp, "trace_nowhere4", &f.packet, f.bytes, FRAME_MAX, &told),
	         -ENOENT);
	CHECK(strstr(log__text(), "trace_nowhere4"));
	CHECK_EQ(dataplane__trace(dp, "trace_pod_in4", &f.packet, f.bytes, 20, &told), -EINVAL);
	CHECK_EQ(dataplane__trace(dp, "trace_pod_in6", &f.packet, f.bytes, FRAME_MAX, &told),
	         -EPROTO);
	f.packet.ifindex = 123456;
	CHECK(dataplane__trace(dp, "trace_pod_in4", &f.packet, f.bytes, FRAME_MAX, &told) < 0);
	CHECK(strstr(log__text(), "device 123456"));
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_trace_opens_nothing_and_counts_nothing),
		TEST(a_flow_that_is_there_is_told_and_not_touched),
		TEST(what_the_hook_refuses_is_told_with_its_reason),
		TEST(a_hairpin_gets_the_address_of_the_node_and_a_port),
		TEST(what_cannot_be_asked_is_named),
	};

	return world__run(tests, ARRAY_SIZE(tests));
}
