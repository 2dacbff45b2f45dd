// SPDX-License-Identifier: Apache-2.0
/* Whom a socket sees as its peer after more than one connect: what it was led to before is forgotten. */
#include <bpf/bpf.h>

#include "arena.h"
#include "sockets_world.h"

/* The place of a TCP socket. The cookie is the first of both families' values. */
struct place {
	int map;
	uint32_t index;
	uint64_t cookie;
};

static struct place place_of(const struct dataplane *dp, enum speech speech, int fd)
{
	const struct map *map = dataplane__map(dp, speech == V6 ? "sock_tcp6" : "sock_tcp4");
	socklen_t len = sizeof(uint64_t);
	struct place place = {};

	CHECK(map && !getsockopt(fd, SOL_SOCKET, SO_COOKIE, &place.cookie, &len));
	place.map = map->fd;
	place.index = (uint32_t)(place.cookie % SOCK_TCP_PLACES);
	return place;
}

static uint64_t place_holder(const struct place *place)
{
	struct sock6_tcp value;

	CHECK_EQ(bpf_map_lookup_elem(place->map, &place->index, &value), 0);
	return value.cookie;
}

static void place_give(const struct place *place, uint64_t cookie)
{
	const struct sock6_tcp value = { .cookie = cookie };

	CHECK_EQ(bpf_map_update_elem(place->map, &place->index, &value, BPF_ANY), 0);
}

static void disconnect(int fd)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	CHECK(!connect(fd, &none, sizeof(none)));
}

static void check_connect(int fd, struct end to)
{
	CHECK_EQ(world__connect(fd, to), 0);
	world__check_peer(fd, to);
}

/* All of its sockets are led to backend A. */
static struct dataplane *open_with_one_backend(void)
{
	struct dataplane *dp = world__attached(0);

	world__frontend(dp, &vip, 80, IPPROTO_TCP, 0, 1, 0);
	world__frontend(dp, &vip, 53, IPPROTO_UDP, 0, 1, 0);
	return dp;
}

/* What is remembered of an open TCP socket goes with its next connect. */
static void a_tcp_socket_that_connects_again_forgets(void)
{
	struct dataplane *dp = open_with_one_backend();

	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_STREAM);

		world__serve_both(s, SOCK_STREAM, servers);
		for (int i = 0; i < 2; i++) {
			check_connect(client, end_of(s, &vip, 80));
			disconnect(client);
			check_connect(client, end_of(s, &backend_a, 8080));
			disconnect(client);
		}
		close(client);
		world__close_both(servers);
	}
	dataplane__free(dp);
}

static void a_closed_tcp_socket_leaves_its_place(void)
{
	struct dataplane *dp = open_with_one_backend();

	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_STREAM);
		struct place place = place_of(dp, s, client);

		world__serve_both(s, SOCK_STREAM, servers);
		check_connect(client, end_of(s, &vip, 80));
		CHECK_EQ(place_holder(&place), place.cookie);
		close(client);
		CHECK_EQ(place_holder(&place), 0);
		world__close_both(servers);
	}
	dataplane__free(dp);
}

/* As after 65,536 other connects, of which one still stands. */
static void a_tcp_socket_whose_place_is_anothers_remembers_all_the_same(void)
{
	struct dataplane *dp = open_with_one_backend();

	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_STREAM);
		struct place place = place_of(dp, s, client);
		uint64_t other = place.cookie + SOCK_TCP_PLACES;

		world__serve_both(s, SOCK_STREAM, servers);
		place_give(&place, other);
		check_connect(client, end_of(s, &vip, 80));
		disconnect(client);
		check_connect(client, end_of(s, &backend_a, 8080));
		disconnect(client);
		CHECK_EQ(place_holder(&place), other);
		/* What is stored with it is of before, once the place is its own. */
		check_connect(client, end_of(s, &vip, 80));
		disconnect(client);
		place_give(&place, 0);
		check_connect(client, end_of(s, &vip, 80));
		CHECK_EQ(place_holder(&place), place.cookie);
		disconnect(client);
		check_connect(client, end_of(s, &backend_a, 8080));
		place_give(&place, other);
		close(client);
		CHECK_EQ(place_holder(&place), other);
		place_give(&place, 0);
		world__close_both(servers);
	}
	dataplane__free(dp);
}

static void a_refused_connect_is_forgotten(void)
{
	struct dataplane *dp = open_with_one_backend();

	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_STREAM);

		CHECK_EQ(world__connect(client, end_of(s, &vip, 80)), -ECONNREFUSED);
		world__serve_both(s, SOCK_STREAM, servers);
		check_connect(client, end_of(s, &backend_a, 8080));
		close(client);
		world__close_both(servers);
	}
	dataplane__free(dp);
}

/* It stays connected as it was, and is on its own from then on. */
static void a_pod_that_opts_out_keeps_its_connections(void)
{
	struct dataplane *dp = open_with_one_backend();
	int host = test__new_netns();

	world__network();
	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_STREAM);

		world__serve_both(s, SOCK_STREAM, servers);
		world__opt_out(dp, false);
		CHECK_EQ(world__connect(client, end_of(s, &vip, 80)), 0);
		world__opt_out(dp, true);
		world__check_peer(client, end_of(s, &vip, 80));
		disconnect(client);
		check_connect(client, end_of(s, &backend_a, 8080));
		close(client);
		world__close_both(servers);
	}
	test__enter_netns(host);
	dataplane__free(dp);
}

/* A client with the address of the backend that the listening socket was led to when it was none. */
static void accepted_sockets_inherit_nothing(void)
{
	struct dataplane *dp = open_with_one_backend();

	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], listener = world__socket(s, SOCK_STREAM), client, accepted;
		struct end here = end_of(s, &backend_b, 8080), there = end_of(s, &backend_a, 8080);

		world__serve_both(s, SOCK_STREAM, servers);
		check_connect(listener, end_of(s, &vip, 80));
		disconnect(listener);
		world__close_both(servers);
		CHECK(!bind(listener, (struct sockaddr *)&here.addr, here.len));
		CHECK(!listen(listener, 1));
		client = world__socket(s, SOCK_STREAM);
		CHECK(!bind(client, (struct sockaddr *)&there.addr, there.len));
		CHECK_EQ(world__connect(client, here), 0);
		accepted = accept(listener, NULL, NULL);
		CHECK(accepted >= 0);
		world__check_peer(accepted, there);
		/* The reset leaves no TIME_WAIT, which would keep the address from the next one. */
		disconnect(client);
		close(client);
		close(accepted);
		close(listener);
	}
	dataplane__free(dp);
}

/* Connected elsewhere, a socket sees that peer, even if it is the backend it was led to before. */
static void a_udp_socket_that_connects_again_forgets(void)
{
	struct dataplane *dp = world__attached(0);

	world__service(dp, &vip, 53);
	for (enum speech s = V4; s < SPEECHES; s++) {
		int client = world__socket(s, SOCK_DGRAM);

		CHECK_EQ(world__connect(client, end_of(s, &vip, 53)), 0);
		CHECK_EQ(world__entries(dp), 1);
		CHECK_EQ(world__connect(client, end_of(s, &backend_a, 8080)), 0);
		CHECK_EQ(world__entries(dp), 0);
		world__check_peer(client, end_of(s, &backend_a, 8080));
		CHECK_EQ(world__connect(client, end_of(s, &backend_b, 8080)), 0);
		world__check_peer(client, end_of(s, &backend_b, 8080));
		close(client);
	}
	dataplane__free(dp);
}

/* The programs of one family leave what those of the other remember to the end of the socket. */
static void a_udp_socket_that_changes_its_family_forgets(void)
{
	struct dataplane *dp = open_with_one_backend();
	int client = world__socket(V6, SOCK_DGRAM);

	check_connect(client, end_of(V6, &vip, 53));
	disconnect(client);
	check_connect(client, end_of(MAPPED, &vip, 53));
	disconnect(client);
	check_connect(client, end_of(V6, &backend_a, 8080));
	disconnect(client);
	check_connect(client, end_of(MAPPED, &backend_a, 8080));
	close(client);
	CHECK_EQ(world__entries(dp), 0);
	dataplane__free(dp);
}

/* What is stored with the socket is of the frontend that it sent to last. */
static void a_connected_udp_socket_sends_elsewhere_and_keeps_its_peer(void)
{
	struct dataplane *dp = open_with_one_backend();
	const uint64_t to_a = BACKEND_A, to_b = BACKEND_B;

	for (enum speech s = V4; s < SPEECHES; s++) {
		int client = world__socket(s, SOCK_DGRAM);
		struct end other = end_of(s, &other_vip, 53);

		CHECK_EQ(arena__store(dataplane__slots(dp), 1, &to_a, 1), 0);
		CHECK_EQ(world__connect(client, end_of(s, &vip, 53)), 0);
		CHECK_EQ(arena__store(dataplane__slots(dp), 1, &to_b, 1), 0);
		world__frontend(dp, &other_vip, 53, IPPROTO_UDP, 0, 1, 0);
		CHECK_EQ(sendto(client, "x", 1, 0, (struct sockaddr *)&other.addr, other.len), 1);
		CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_SENT), s + 1);
		world__check_peer(client, end_of(s, &vip, 53));
		close(client);
	}
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_tcp_socket_that_connects_again_forgets),
		TEST(a_closed_tcp_socket_leaves_its_place),
		TEST(a_tcp_socket_whose_place_is_anothers_remembers_all_the_same),
		TEST(a_refused_connect_is_forgotten),
		TEST(a_pod_that_opts_out_keeps_its_connections),
		TEST(accepted_sockets_inherit_nothing),
		TEST(a_udp_socket_that_connects_again_forgets),
		TEST(a_udp_socket_that_changes_its_family_forgets),
		TEST(a_connected_udp_socket_sends_elsewhere_and_keeps_its_peer),
	};

	return world__run(tests, ARRAY_SIZE(tests));
}
