// SPDX-License-Identifier: Apache-2.0
/*
 * Session affinity at sockets (S-150 … S-157). Those of this host are one client; which client a pod is
 * the packet path knows.
 */
#include <poll.h>

#include <bpf/bpf.h>

#include "arena.h"
#include "map.h"
#include "sockets_world.h"

#define TIMES      12
#define AFFINITY_S 60
#define CHOSEN     (BACKEND_ACTIVE | BACKEND_CHOSEN | BACKEND_CHOSEN_LOCAL)

static const struct host node = { "192.0.2.1", "2001:db8::1" };

/* Gives a frontend that is there session affinity; 0 takes it away. */
static void with_affinity(struct dataplane *dp, const struct host *host, uint16_t port,
                          uint32_t seconds)
{
	world__change(dp, host, port, offsetof(struct svc, affinity_s), seconds);
}

/* Which of two servers has something to read; -1 if neither. */
static int server_of(const int servers[2], int wait_ms)
{
	struct pollfd fds[2] = { { .fd = servers[0], .events = POLLIN },
		                 { .fd = servers[1], .events = POLLIN } };

	return poll(fds, 2, wait_ms) == 1 ? (fds[0].revents ? 0 : 1) : -1;
}

/* Which server a new connection comes to. */
static int ask_by_tcp(enum speech s, const struct host *host, uint16_t port)
{
	int servers[2], client = world__socket(s, SOCK_STREAM), which;

	world__serve_both(s, SOCK_STREAM, servers);
	CHECK_EQ(world__connect(client, end_of(s, host, port)), 0);
	which = server_of(servers, TIMEOUT_S * 1000);
	CHECK(which >= 0);
	close(client);
	world__close_both(servers);
	return which;
}

/* Which server a new socket's datagram comes to, whether it has connected or not; -1 if to none. */
static int ask_by_udp(enum speech s, const struct host *host, uint16_t port, bool connected)
{
	int servers[2], client = world__socket(s, SOCK_DGRAM), which;
	struct end to = end_of(s, host, port);

	world__serve_both(s, SOCK_DGRAM, servers);
	if (connected)
		CHECK_EQ(world__connect(client, to), 0);
	CHECK_EQ(sendto(client, "x", 1, 0, connected ? NULL : (struct sockaddr *)&to.addr,
	                connected ? 0 : to.len),
	         1);
	which = server_of(servers, 0);
	close(client);
	world__close_both(servers);
	return which;
}

static struct dataplane *open_with_affinity(void)
{
	struct dataplane *dp = world__attached(0);

	world__node(dp, &node);
	world__backend(dp, BACKEND_A, &backend_a, CHOSEN, 1);
	world__backend(dp, BACKEND_B, &backend_b, CHOSEN, 1);
	world__service(dp, &vip, 80);
	with_affinity(dp, &vip, 80, AFFINITY_S);
	return dp;
}

/* S-095, S-156: those that ask on loopback included. MAPPED speaks to the same addresses as V4. */
static void sockets_of_this_host_are_one_client(void)
{
	struct dataplane *dp = open_with_affinity();
	int first[SPEECHES];

	world__frontend(dp, &loopback, 30080, IPPROTO_TCP, SVC_SOCKET, 2, 0);
	world__frontend(dp, &loopback, 30080, IPPROTO_UDP, SVC_SOCKET, 2, 0);
	with_affinity(dp, &loopback, 30080, AFFINITY_S);
	for (enum speech s = V4; s < SPEECHES; s++) {
		first[s] = ask_by_tcp(s, &vip, 80);
		for (int i = 0; i < TIMES; i++) {
			CHECK_EQ(ask_by_tcp(s, &vip, 80), first[s]);
			CHECK_EQ(ask_by_tcp(s, &loopback_5, 30080), first[s]);
			CHECK_EQ(ask_by_udp(s, &vip, 80, true), first[s]);
			CHECK_EQ(ask_by_udp(s, &loopback, 30080, false), first[s]);
		}
	}
	CHECK_EQ(first[MAPPED], first[V4]);
	/* All but the first one of each family. */
	CHECK_EQ(test__counter(dp, COUNTER_AFFINITY_KEPT), 3 * (4 * TIMES + 1) - 2);
	dataplane__free(dp);
}

/* S-153: held against what the backend's entry says, as for packets. */
static void a_backend_that_left_the_set_is_left(void)
{
	struct dataplane *dp = open_with_affinity();
	static const struct host *const hosts[] = { &backend_a, &backend_b };

	for (enum speech s = V4; s <= V6; s++) {
		int first = ask_by_udp(s, &vip, 80, true), other = 1 - first;
		const uint64_t left[2] = { (uint64_t)other + 1, (uint64_t)other + 1 };

		CHECK_EQ(arena__store(dataplane__slots(dp), 1, left, 2), 0);
		CHECK_EQ(ask_by_udp(s, &vip, 80, true), first);
		world__backend(dp, (uint32_t)first + 1, hosts[first], BACKEND_ACTIVE, 1);
		CHECK_EQ(ask_by_udp(s, &vip, 80, true), other);
		world__backend(dp, (uint32_t)first + 1, hosts[first], CHOSEN, 1);
		for (int i = 0; i < TIMES; i++)
			CHECK_EQ(ask_by_udp(s, &vip, 80, true), other);
	}
	dataplane__free(dp);
}

/* S-154: and so is a socket that the programs have led before. */
static void pods_are_left_to_the_packet_path(void)
{
	struct dataplane *dp = open_with_affinity();
	int host = test__new_netns(), servers[2], client = world__socket(V4, SOCK_DGRAM);
	struct end to = end_of(V4, &vip, 80);

	world__network();
	for (enum speech s = V4; s < SPEECHES; s++) {
		CHECK_EQ(world__connect_at_once(s, SOCK_STREAM, &vip, 80), -EINPROGRESS);
		CHECK_EQ(ask_by_udp(s, &vip, 80, true), -1);
		CHECK_EQ(ask_by_udp(s, &vip, 80, false), -1);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), 0);
	CHECK_EQ(world__entries(dp), 0);
	for (int i = 0; i < 3; i++) {
		with_affinity(dp, &vip, 80, i == 1 ? AFFINITY_S : 0);
		world__serve_both(V4, SOCK_DGRAM, servers);
		CHECK_EQ(sendto(client, "x", 1, 0, (struct sockaddr *)&to.addr, to.len), 1);
		CHECK_EQ(server_of(servers, 0) >= 0, i != 1);
		world__close_both(servers);
	}
	test__enter_netns(host);
	dataplane__free(dp);
}

/* Without an address of the node there is no client, and so no record, but service. */
static void a_node_without_an_address_is_served(void)
{
	struct dataplane *dp = open_with_affinity();

	world__node(dp, &unspecified);
	for (enum speech s = V4; s < SPEECHES; s++)
		CHECK(ask_by_tcp(s, &vip, 80) >= 0);
	CHECK_EQ(test__counter(dp, COUNTER_AFFINITY_KEPT), 0);
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(sockets_of_this_host_are_one_client),
		TEST(a_backend_that_left_the_set_is_left),
		TEST(pods_are_left_to_the_packet_path),
		TEST(a_node_without_an_address_is_served),
	};

	return world__run(tests, ARRAY_SIZE(tests));
}
