// SPDX-License-Identifier: Apache-2.0
/*
 * Frontends that only some may ask (S-112, S-114), at sockets. This host is judged by the address that
 * it is known to have; whom that does not let in, and pods, are judged by their packets.
 */
#include <arpa/inet.h>
#include <stddef.h>

#include <bpf/bpf.h>

#include "map.h"
#include "sockets_world.h"

#define LIST 5

static const struct host node = { "192.0.2.1", "2001:db8::1" };

static struct dataplane *open_with_list(void)
{
	struct dataplane *dp = world__attached(0);

	world__node(dp, &node);
	world__service(dp, &vip, 80);
	world__change(dp, &vip, 80, offsetof(struct svc, ranges), LIST);
	return dp;
}

static void let_in(struct dataplane *dp, const struct host *host)
{
	struct range4_key four = { .prefixlen = RANGE_LIST_BITS + 32, .list = LIST };
	struct range6_key six = { .prefixlen = RANGE_LIST_BITS + 128, .list = LIST };
	const struct range inside = { 1 };

	inet_pton(AF_INET, host->v4, &four.addr);
	inet_pton(AF_INET6, host->v6, &six.addr);
	CHECK_EQ(bpf_map_update_elem(dataplane__map(dp, "ranges4")->fd, &four, &inside, 0), 0);
	CHECK_EQ(bpf_map_update_elem(dataplane__map(dp, "ranges6")->fd, &six, &inside, 0), 0);
}

/* Whether a datagram to the VIP goes to a backend, from a socket that is bound if @bound says so. */
static bool is_led(struct dataplane *dp, enum speech s, const struct host *bound, bool connected)
{
	uint64_t before = test__counter(dp, COUNTER_SOCKETS_CONNECTED) +
	                  test__counter(dp, COUNTER_SOCKETS_SENT);
	struct end to = end_of(s, &vip, 80);
	int fd = world__socket(s, SOCK_DGRAM);

	if (bound) {
		struct end here = end_of(s, bound, 0);

		CHECK(!bind(fd, (struct sockaddr *)&here.addr, here.len));
	}
	if (connected)
		CHECK_EQ(world__connect(fd, to), 0);
	else
		CHECK_EQ(sendto(fd, "x", 1, 0, (struct sockaddr *)&to.addr, to.len), 1);
	close(fd);
	return test__counter(dp, COUNTER_SOCKETS_CONNECTED) +
	               test__counter(dp, COUNTER_SOCKETS_SENT) >
	       before;
}

static void this_host_is_led_if_its_address_may_ask(void)
{
	struct dataplane *dp = open_with_list();

	for (enum speech s = V4; s < SPEECHES; s++) {
		CHECK(!is_led(dp, s, NULL, true));
		CHECK(!is_led(dp, s, NULL, false));
		CHECK_EQ(world__connect_at_once(s, SOCK_STREAM, &vip, 80), -EINPROGRESS);
	}
	let_in(dp, &node);
	for (enum speech s = V4; s < SPEECHES; s++) {
		CHECK(is_led(dp, s, NULL, true));
		CHECK(is_led(dp, s, NULL, false));
	}
	dataplane__free(dp);
}

/* Bound to an address, a socket has no other: backend_b is one of this host's. */
static void a_bound_socket_is_judged_by_its_own_address(void)
{
	struct dataplane *dp = open_with_list();

	let_in(dp, &node);
	for (enum speech s = V4; s < SPEECHES; s++)
		CHECK(!is_led(dp, s, &backend_b, true));
	let_in(dp, &backend_b);
	for (enum speech s = V4; s < SPEECHES; s++)
		CHECK(is_led(dp, s, &backend_b, true));
	dataplane__free(dp);
}

/* The packet path knows their addresses. */
static void pods_are_left_to_the_packet_path(void)
{
	struct dataplane *dp = open_with_list();
	int host = test__new_netns();

	let_in(dp, &node);
	let_in(dp, &backend_b);
	world__network();
	for (enum speech s = V4; s < SPEECHES; s++) {
		CHECK(!is_led(dp, s, NULL, true));
		CHECK(!is_led(dp, s, NULL, false));
		CHECK(!is_led(dp, s, &backend_b, true));
	}
	world__change(dp, &vip, 80, offsetof(struct svc, ranges), 0);
	for (enum speech s = V4; s < SPEECHES; s++)
		CHECK(is_led(dp, s, NULL, true));
	test__enter_netns(host);
	dataplane__free(dp);
}

/* S-052: refused at once, whoever asks. */
static void no_endpoint_comes_before_ranges(void)
{
	struct dataplane *dp = open_with_list();

	world__frontend(dp, &vip, 80, IPPROTO_TCP, 0, 0, 0);
	world__change(dp, &vip, 80, offsetof(struct svc, ranges), LIST);
	for (enum speech s = V4; s < SPEECHES; s++)
		CHECK_EQ(world__connect_at_once(s, SOCK_STREAM, &vip, 80), -ECONNREFUSED);
	dataplane__free(dp);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(this_host_is_led_if_its_address_may_ask),
		TEST(a_bound_socket_is_judged_by_its_own_address),
		TEST(pods_are_left_to_the_packet_path),
		TEST(no_endpoint_comes_before_ranges),
	};

	return world__run(tests, ARRAY_SIZE(tests));
}
