// SPDX-License-Identifier: Apache-2.0
/* Calls that the socket programs refuse, and those that they leave to the packet path. */
#include <fcntl.h>

#include "sockets_world.h"

/* S-050 … S-052, S-056, S-058. UDP sockets are connected to the VIP, and hear by packet (S-163). */
static void without_endpoints_tcp_is_refused(void)
{
	struct dataplane *dp = world__attached(0);

	world__frontend(dp, &vip, 80, IPPROTO_TCP, 0, 0, 0);
	world__frontend(dp, &vip, 80, IPPROTO_UDP, 0, 0, 0);
	world__frontend(dp, &vip, 0, 0, SVC_ADDRESS | SVC_REJECT, 0, 0);
	world__frontend(dp, &external, 0, 0, SVC_ADDRESS, 0, 0);
	for (enum speech s = V4; s < SPEECHES; s++) {
		CHECK_EQ(world__connect_at_once(s, SOCK_STREAM, &vip, 80), -ECONNREFUSED);
		CHECK_EQ(world__connect_at_once(s, SOCK_STREAM, &vip, 81), -ECONNREFUSED);
		CHECK_EQ(world__connect_at_once(s, SOCK_STREAM, &external, 81), -EINPROGRESS);
		CHECK_EQ(world__connect_at_once(s, SOCK_DGRAM, &vip, 80), 0);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_REFUSED), 6);
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), 0);
	CHECK_EQ(world__entries(dp), 0);
	dataplane__free(dp);
}

/* Somebody else serves; what a socket was led to stays its backend. */
static void services_that_are_held_are_left_alone(void)
{
	struct dataplane *dp = world__attached(0);

	world__service(dp, &vip, 53);
	for (enum speech s = V4; s < SPEECHES; s++) {
		int fd = world__socket(s, SOCK_DGRAM), servers[2];
		struct end to = end_of(s, &vip, 53);

		CHECK_EQ(dataplane__set_serving(dp, SERVING_HELD, HOLD_NONE), 0);
		world__serve_both(s, SOCK_DGRAM, servers);
		CHECK_EQ(sendto(fd, "a", 1, 0, (struct sockaddr *)&to.addr, to.len), 1);
		CHECK_EQ(dataplane__set_serving(dp, SERVING_HELD, HOLD_BACK), 0);
		CHECK_EQ(sendto(fd, "b", 1, 0, (struct sockaddr *)&to.addr, to.len), 1);
		CHECK_EQ(world__answer(servers), world__answer(servers));
		close(fd);
		fd = world__socket(s, SOCK_DGRAM);
		CHECK_EQ(sendto(fd, "c", 1, 0, (struct sockaddr *)&to.addr, to.len), 1);
		CHECK_EQ(world__connect(fd, to), 0);
		CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_SENT), s + 1);
		close(fd);
		world__close_both(servers);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), 0);
	dataplane__free(dp);
}

/* Others' connections of UDP may be of sockets without a peer, and are told by their packets. */
static void only_sockets_without_a_peer_wait_for_what_others_carry(void)
{
	struct dataplane *dp = world__attached(0);

	world__service(dp, &vip, 53);
	for (enum speech s = V4; s < SPEECHES; s++) {
		int fd = world__socket(s, SOCK_DGRAM);
		struct end to = end_of(s, &vip, 53);

		CHECK_EQ(dataplane__set_serving(dp, SERVING_ADOPTED, ADOPTED_UDP), 0);
		CHECK_EQ(sendto(fd, "a", 1, 0, (struct sockaddr *)&to.addr, to.len), 1);
		CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_SENT), s);
		CHECK_EQ(world__connect(fd, to), 0);
		CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), s + 1);
		close(fd);
		fd = world__socket(s, SOCK_DGRAM);
		CHECK_EQ(dataplane__set_serving(dp, SERVING_ADOPTED, ADOPTED_SOME), 0);
		CHECK_EQ(sendto(fd, "b", 1, 0, (struct sockaddr *)&to.addr, to.len), 1);
		CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_SENT), s + 1);
		close(fd);
	}
	dataplane__free(dp);
}

static void an_old_kernel_leaves_the_refusal_to_the_packet_path(void)
{
	struct dataplane *dp = world__attached(WIRE_FEATURE_SET_RETVAL);

	world__frontend(dp, &vip, 80, IPPROTO_TCP, 0, 0, 0);
	for (enum speech s = V4; s < SPEECHES; s++)
		CHECK_EQ(world__connect_at_once(s, SOCK_STREAM, &vip, 80), -EINPROGRESS);
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_REFUSED), 0);
	dataplane__free(dp);
}

/* Two connections from one port to one backend: the packet path gives the second another port. */
static void a_pods_tcp_socket_with_a_port_of_its_choice_is_left_alone(void)
{
	struct dataplane *dp = world__attached(0);

	world__service(dp, &vip, 80);
	for (int pod = 0; pod < 2; pod++) {
		for (enum speech s = V4; s < SPEECHES; s++) {
			struct end here = end_of(s, &unspecified, 0);
			int fd = world__socket(s, SOCK_STREAM);

			CHECK(!bind(fd, (struct sockaddr *)&here.addr, here.len));
			CHECK(!fcntl(fd, F_SETFL, O_NONBLOCK));
			/* Nobody listens at the backends. */
			CHECK_EQ(world__connect(fd, end_of(s, &vip, 80)), -EINPROGRESS);
			CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), pod ? 3 : s + 1);
			close(fd);
		}
		test__new_netns();
		world__network();
	}
	dataplane__free(dp);
}

/* Packets go the way that the socket is tied to; the packet path meets them there. */
static void sockets_tied_to_a_device_or_to_loopback_are_left_alone(void)
{
	struct dataplane *dp = world__attached(0);

	world__service(dp, &vip, 53);
	world__frontend(dp, &loopback, 30053, IPPROTO_UDP, SVC_SOCKET, 2, 0);
	for (enum speech s = V4; s < SPEECHES; s++) {
		struct end here = end_of(s, &loopback, 0);
		int fd = world__socket(s, SOCK_DGRAM);

		CHECK(!setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
		CHECK_EQ(world__connect(fd, end_of(s, &vip, 53)), 0);
		world__check_peer(fd, end_of(s, &vip, 53));
		close(fd);
		fd = world__socket(s, SOCK_DGRAM);
		CHECK(!bind(fd, (struct sockaddr *)&here.addr, here.len));
		CHECK_EQ(world__connect(fd, end_of(s, &loopback, 30053)), 0);
		close(fd);
	}
	CHECK_EQ(test__counter(dp, COUNTER_SOCKETS_CONNECTED), 0);
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(without_endpoints_tcp_is_refused),
		TEST(services_that_are_held_are_left_alone),
		TEST(only_sockets_without_a_peer_wait_for_what_others_carry),
		TEST(an_old_kernel_leaves_the_refusal_to_the_packet_path),
		TEST(a_pods_tcp_socket_with_a_port_of_its_choice_is_left_alone),
		TEST(sockets_tied_to_a_device_or_to_loopback_are_left_alone),
	};

	return world__run(tests, ARRAY_SIZE(tests));
}
