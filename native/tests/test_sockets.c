// SPDX-License-Identifier: Apache-2.0
/* What the socket programs do for sockets that connect: TCP, and UDP with a peer. */
#include <fcntl.h>
#include <poll.h>

#include "sockets_world.h"

static void check_tcp(const struct dataplane *dp, enum speech speech, const struct host *host,
                      uint16_t port, const struct host *shown)
{
	int servers[2], client = world__socket(speech, SOCK_STREAM);
	char byte;

	world__serve_both(speech, SOCK_STREAM, servers);
	CHECK_EQ(world__connect(client, end_of(speech, host, port)), 0);
	world__check_peer(client, end_of(speech, shown, port));
	/* The socket itself remembers. */
	CHECK_EQ(world__entries(dp), 0);
	CHECK_EQ(send(client, "x", 1, 0), 1);
	world__close_both(servers);
	/* Its backend is gone, connection and all; the error has come. */
	CHECK(recv(client, &byte, 1, 0) <= 0);
	close(client);
}

static void tcp_is_led_to_a_backend_and_sees_the_frontend(void)
{
	struct dataplane *dp = world__attached(0);

	world__service(dp, &vip, 80);
	for (enum speech s = V4; s < SPEECHES; s++)
		check_tcp(dp, s, &vip, 80, &vip);
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), 3);
	dataplane__free(dp);
}

static void udp_with_a_peer_is_led_and_answers_come_from_the_frontend(void)
{
	struct dataplane *dp = world__attached(0);

	world__service(dp, &vip, 53);
	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_DGRAM);
		struct end to = end_of(s, &vip, 53), from = { .len = sizeof(from.addr) };
		char data[8];

		world__serve_both(s, SOCK_DGRAM, servers);
		CHECK_EQ(world__connect(client, to), 0);
		world__check_peer(client, to);
		CHECK_EQ(send(client, "hello", 5, 0), 5);
		world__answer(servers);
		CHECK_EQ(recvfrom(client, data, sizeof(data), 0, (struct sockaddr *)&from.addr,
		                  &from.len),
		         5);
		CHECK(end_same(&from, &to));
		CHECK_EQ(world__entries(dp), 1);
		close(client);
		world__close_both(servers);
		CHECK_EQ(world__entries(dp), 0);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), 3);
	dataplane__free(dp);
}

/* S-050: dropped, not refused, for the endpoints are elsewhere. S-072, S-084: not for externals. */
static void an_empty_local_set_is_left_to_the_packet_path(void)
{
	struct dataplane *dp = world__attached(0);

	world__frontend(dp, &vip, 80, IPPROTO_TCP, SVC_LOCAL, 2, 0);
	world__frontend(dp, &external, 80, IPPROTO_TCP, SVC_LOCAL_EXTERNAL, 2, 0);
	for (enum speech s = V4; s < SPEECHES; s++) {
		CHECK_EQ(world__connect_at_once(s, SOCK_STREAM, &vip, 80), -EINPROGRESS);
		CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), s);
		check_tcp(dp, s, &external, 80, &external);
	}
	dataplane__free(dp);
}

/* The local set is the first slot: the client is led to backend a, always. */
static void a_local_set_is_kept_to(void)
{
	struct dataplane *dp = world__attached(0);

	world__frontend(dp, &vip, 53, IPPROTO_UDP, SVC_LOCAL, 2, 1);
	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2];

		world__serve_both(s, SOCK_DGRAM, servers);
		for (int i = 0; i < 20; i++) {
			int client = world__socket(s, SOCK_DGRAM);

			CHECK_EQ(world__connect(client, end_of(s, &vip, 53)), 0);
			CHECK_EQ(send(client, "x", 1, 0), 1);
			CHECK_EQ(world__answer(servers), 0);
			close(client);
		}
		world__close_both(servers);
	}
	dataplane__free(dp);
}

/* S-093 … S-095 */
static void node_ports_on_loopback_are_this_hosts(void)
{
	struct dataplane *dp = world__attached(0);
	int host;

	world__frontend(dp, &loopback, 30080, IPPROTO_TCP, SVC_SOCKET, 2, 0);
	for (enum speech s = V4; s < SPEECHES; s++) {
		check_tcp(dp, s, &loopback, 30080, &loopback);
		check_tcp(dp, s, &loopback_5, 30080, &loopback_5);
		check_tcp(dp, s, &unspecified, 30080, &loopback);
	}
	host = test__new_netns();
	world__network();
	for (enum speech s = V4; s < SPEECHES; s++)
		CHECK_EQ(world__connect(world__socket(s, SOCK_STREAM), end_of(s, &loopback, 30080)),
		         -ECONNREFUSED);
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), 9);
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_REFUSED), 0);
	test__enter_netns(host);
	dataplane__free(dp);
}

/* Everything but loopback is translated for pods and for the host. */
static void a_pod_is_served_unless_it_opts_out(void)
{
	struct dataplane *dp = world__attached(0);
	int host = test__new_netns();

	world__network();
	world__service(dp, &vip, 80);
	for (enum speech s = V4; s < SPEECHES; s++)
		check_tcp(dp, s, &vip, 80, &vip);
	world__opt_out(dp, true);
	for (enum speech s = V4; s < SPEECHES; s++)
		CHECK_EQ(world__connect_at_once(s, SOCK_STREAM, &vip, 80), -EINPROGRESS);
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), 3);
	test__enter_netns(host);
	check_tcp(dp, V4, &vip, 80, &vip);
	dataplane__free(dp);
}

static void connecting_without_waiting_is_led_as_well(void)
{
	struct dataplane *dp = world__attached(0);

	world__service(dp, &vip, 80);
	for (enum speech s = V4; s < SPEECHES; s++) {
		int servers[2], client = world__socket(s, SOCK_STREAM);
		struct end to = end_of(s, &vip, 80);
		struct pollfd ready = { .fd = client, .events = POLLOUT };
		int error = -1;
		socklen_t len = sizeof(error);

		world__serve_both(s, SOCK_STREAM, servers);
		CHECK(!fcntl(client, F_SETFL, O_NONBLOCK));
		CHECK_EQ(world__connect(client, to), -EINPROGRESS);
		CHECK_EQ(poll(&ready, 1, TIMEOUT_S * 1000), 1);
		CHECK(!getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &len));
		CHECK_EQ(error, 0);
		world__check_peer(client, to);
		close(client);
		/* Data with the SYN: sendto connects. */
		client = world__socket(s, SOCK_STREAM);
		CHECK_EQ(sendto(client, "early", 5, MSG_FASTOPEN, (struct sockaddr *)&to.addr,
		                to.len),
		         5);
		world__check_peer(client, to);
		close(client);
		world__close_both(servers);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), 6);
	CHECK_EQ(world__entries(dp), 0);
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(tcp_is_led_to_a_backend_and_sees_the_frontend),
		TEST(udp_with_a_peer_is_led_and_answers_come_from_the_frontend),
		TEST(an_empty_local_set_is_left_to_the_packet_path),
		TEST(a_local_set_is_kept_to),
		TEST(node_ports_on_loopback_are_this_hosts),
		TEST(a_pod_is_served_unless_it_opts_out),
		TEST(connecting_without_waiting_is_led_as_well),
	};

	return world__run(tests, ARRAY_SIZE(tests));
}
