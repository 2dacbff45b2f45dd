// SPDX-License-Identifier: Apache-2.0
/* UDP sockets without a peer: each datagram has an address, and so has each answer. */
#include "arena.h"
#include "map.h"
#include "sockets_world.h"

static int send_to(int fd, struct end to)
{
	return sendto(fd, "hello", 5, 0, (struct sockaddr *)&to.addr, to.len) == 5 ? 0 : -errno;
}

static void check_answer(int fd, struct end wanted)
{
	struct end from = { .len = sizeof(from.addr) };
	char data[8];

	CHECK_EQ(recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from.addr, &from.len), 5);
	CHECK(end_same(&from, &wanted));
}

static void a_socket_keeps_its_backend_and_answers_come_from_the_frontend(void)
{
	struct dataplane *dp = world__attached(0);

	world__service(dp, &vip, 53);
	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_DGRAM), first = -1;
		struct end to = end_of(s, &vip, 53);

		world__serve_both(s, SOCK_DGRAM, servers);
		for (int i = 0; i < 20; i++) {
			int which;

			CHECK_EQ(send_to(client, to), 0);
			which = world__answer(servers);
			first = first < 0 ? which : first;
			CHECK_EQ(which, first);
			check_answer(client, to);
		}
		CHECK_EQ(world__entries(dp), 2);
		close(client);
		world__close_both(servers);
		CHECK_EQ(world__entries(dp), 0);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_SENT), 3);
	dataplane__free(dp);
}

static void sockets_choose_among_all_backends(void)
{
	struct dataplane *dp = world__attached(0);
	int servers[2], seen[2] = {};

	world__service(dp, &vip, 53);
	world__serve_both(V4, SOCK_DGRAM, servers);
	for (int i = 0; i < 100; i++) {
		int client = world__socket(V4, SOCK_DGRAM);

		CHECK_EQ(send_to(client, end_of(V4, &vip, 53)), 0);
		seen[world__answer(servers)]++;
		close(client);
	}
	CHECK(seen[0] && seen[1]);
	world__close_both(servers);
	dataplane__free(dp);
}

static void choose_only(struct dataplane *dp, uint64_t backend)
{
	CHECK_EQ(arena__store(dataplane__slots(dp), 1, &backend, 1), 0);
	world__frontend(dp, &vip, 53, IPPROTO_UDP, 0, 1, 0);
}

/* S-161: an endpoint that is only not chosen any more keeps its sockets. */
static void check_resteer(struct dataplane *dp, enum speech s, uint8_t flags, uint16_t gen)
{
	int servers[2], client = world__socket(s, SOCK_DGRAM);
	struct end to = end_of(s, &vip, 53);
	const uint8_t backend_flags[] = { BACKEND_ACTIVE, BACKEND_ACTIVE, flags };
	const uint16_t gens[] = { 1, 1, gen };
	const int goes_to[] = { 0, 0, 1 };

	world__serve_both(s, SOCK_DGRAM, servers);
	for (int i = 0; i < 3; i++) {
		world__backend(dp, BACKEND_A, &backend_a, backend_flags[i], gens[i]);
		choose_only(dp, i ? BACKEND_B : BACKEND_A);
		CHECK_EQ(send_to(client, to), 0);
		CHECK_EQ(world__answer(servers), goes_to[i]);
		check_answer(client, to);
	}
	close(client);
	world__close_both(servers);
}

/* S-160 … S-165: the next datagram goes to another backend. */
static void a_socket_leaves_a_backend_that_is_gone(void)
{
	struct dataplane *dp = world__attached(0);

	for (enum speech s = V4; s < SPEECHES; s++) {
		check_resteer(dp, s, 0, 1);
		check_resteer(dp, s, 0, 2);
		check_resteer(dp, s, BACKEND_ACTIVE, 2);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_RESTEERED), 9);
	dataplane__free(dp);
}

/* One socket, two frontends, one backend: the answers could not be told apart. */
static void the_second_frontend_of_a_backend_is_left_to_the_packet_path(void)
{
	struct dataplane *dp = world__attached(0);

	world__frontend(dp, &vip, 53, IPPROTO_UDP, 0, 1, 0);
	world__frontend(dp, &other_vip, 53, IPPROTO_UDP, 0, 1, 0);
	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_DGRAM);

		world__serve_both(s, SOCK_DGRAM, servers);
		for (int i = 0; i < 2; i++) {
			CHECK_EQ(send_to(client, end_of(s, &vip, 53)), 0);
			CHECK_EQ(send_to(client, end_of(s, &other_vip, 53)), 0);
			CHECK_EQ(world__answer(servers), 0);
			check_answer(client, end_of(s, &vip, 53));
		}
		CHECK_EQ(world__entries(dp), 2);
		close(client);
		world__close_both(servers);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_SENT), 3);
	dataplane__free(dp);
}

/* S-163: what was sent before there was an endpoint is not remembered. */
static void without_endpoints_the_packet_path_answers(void)
{
	struct dataplane *dp = world__attached(0);

	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_DGRAM);

		world__frontend(dp, &vip, 53, IPPROTO_UDP, 0, 0, 0);
		CHECK_EQ(send_to(client, end_of(s, &vip, 53)), 0);
		CHECK_EQ(world__entries(dp), 0);
		world__service(dp, &vip, 53);
		world__serve_both(s, SOCK_DGRAM, servers);
		CHECK_EQ(send_to(client, end_of(s, &vip, 53)), 0);
		world__answer(servers);
		check_answer(client, end_of(s, &vip, 53));
		close(client);
		world__close_both(servers);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_REFUSED), 0);
	dataplane__free(dp);
}

/* S-093 … S-095, for UDP. */
static void node_ports_on_loopback_are_this_hosts(void)
{
	struct dataplane *dp = world__attached(0);
	int host;

	world__frontend(dp, &loopback, 30053, IPPROTO_UDP, SVC_SOCKET, 2, 0);
	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_DGRAM);

		world__serve_both(s, SOCK_DGRAM, servers);
		CHECK_EQ(send_to(client, end_of(s, &loopback_5, 30053)), 0);
		world__answer(servers);
		check_answer(client, end_of(s, &loopback_5, 30053));
		close(client);
		world__close_both(servers);
	}
	host = test__new_netns();
	world__network();
	for (enum speech s = V4; s < SPEECHES; s++)
		CHECK_EQ(send_to(world__socket(s, SOCK_DGRAM), end_of(s, &loopback, 30053)), 0);
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_SENT), 3);
	test__enter_netns(host);
	dataplane__free(dp);
}

/* A sender alone does not lose what its answers need, and what was evicted is put back. */
static void an_evicted_half_is_put_back(void)
{
	struct dataplane *dp = world__attached(0);
	int servers[2], client = world__socket(V4, SOCK_DGRAM);
	struct end to = end_of(V4, &vip, 53);
	const struct map *map;
	struct sock4_key key;
	struct sock4 value;
	struct map_dump *dump = NULL;
	uint32_t n, applied;

	world__frontend(dp, &vip, 53, IPPROTO_UDP, 0, 1, 0);
	world__serve_both(V4, SOCK_DGRAM, servers);
	CHECK_EQ(send_to(client, to), 0);
	world__answer(servers);
	check_answer(client, to);
	map = dataplane__map(dp, "socks4");
	for (int i = 0; i < 2; i++) {
		struct sock4_key keys[64];
		struct sock4 values[64];

		CHECK_EQ(map_dump__open(&dump, map), 0);
		CHECK_EQ(map_dump__next(dump, keys, values, 64, &n), 0);
		map_dump__free(dump);
		CHECK_EQ(n, 2);
		key = keys[keys[0].kind == SOCK_REVERSE ? 0 : 1];
		value = values[keys[0].kind == SOCK_REVERSE ? 0 : 1];
		CHECK_EQ(value.backend, BACKEND_A);
		CHECK_EQ(value.backend_gen, 1);
		CHECK_EQ(value.svc, SVC_ID);
		CHECK_EQ(value.proto, IPPROTO_UDP);
		CHECK_EQ(value.flags, 0);
		CHECK_EQ(map__delete(map, &key, 1, &applied), 0);
		CHECK_EQ(send_to(client, to), 0);
		world__answer(servers);
		check_answer(client, to);
	}
	world__close_both(servers);
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_socket_keeps_its_backend_and_answers_come_from_the_frontend),
		TEST(sockets_choose_among_all_backends),
		TEST(a_socket_leaves_a_backend_that_is_gone),
		TEST(the_second_frontend_of_a_backend_is_left_to_the_packet_path),
		TEST(without_endpoints_the_packet_path_answers),
		TEST(node_ports_on_loopback_are_this_hosts),
		TEST(an_evicted_half_is_put_back),
	};

	return world__run(tests, ARRAY_SIZE(tests));
}
