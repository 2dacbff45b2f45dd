// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/resource.h>

#include "netmon.h"
#include "netmon_view.h"

static struct netmon *open_monitor(void)
{
	struct netmon *monitor = NULL;

	CHECK_EQ(netmon__open(&monitor, NULL), 0);
	return monitor;
}

static void make_network(void)
{
	test__shell("ip link add pod0 address 02:00:00:00:00:07 type veth peer name eth0 && "
	            "ip link add br0 type bridge && ip link set pod0 master br0 && "
	            "ip link set pod0 up && ip link set br0 up && ip link set eth0 up");
	test__shell("ip addr add 10.1.2.3/24 dev br0 && ip addr add fd00::7/64 dev br0 nodad");
	test__shell(
		"ip route add default via 10.1.2.1 metric 77 && "
		"ip -6 route add fd77::/48 via fd00::1 && "
		"ip route add 10.9.0.4/32 dev br0 && "
		"ip route add 10.8.0.0/16 dev br0 table 99 && ip route add blackhole 10.7.0.0/16");
}

static void a_snapshot_names_links_addresses_and_routes(void)
{
	struct netmon *monitor;
	static struct view view;
	const struct wire_route *route;
	const struct wire_link *link;

	make_network();
	monitor = open_monitor();
	view__settle(monitor, &view);
	CHECK_EQ(view.begins, 1);

	link = view__find_link(&view, "pod0");
	CHECK(link && link->up && !strcmp((const char *)link->kind, "veth"));
	CHECK_EQ(link->arphrd, 1);
	CHECK_EQ(link->master, if_nametoindex("br0"));
	CHECK_EQ(link->mac_len, 6);
	CHECK_EQ(link->mac[5], 7);
	CHECK(!link->peer_elsewhere);
	CHECK(view__find_link(&view, "lo") && view__find_link(&view, "lo")->arphrd == 772);

	CHECK(view__find_address(&view, "10.1.2.3"));
	CHECK_EQ(view__find_address(&view, "10.1.2.3")->prefix_len, 24);
	CHECK_EQ(view__find_address(&view, "127.0.0.1")->scope, 254);
	CHECK_EQ(view__find_address(&view, "fd00::7")->ifindex, if_nametoindex("br0"));

	route = view__find_route(&view, "0.0.0.0", 0);
	CHECK(route && route->metric == 77 && route->gateway_len == 4 && route->gateway[3] == 1);
	CHECK_EQ(route->ifindex, if_nametoindex("br0"));
	route = view__find_route(&view, "fd77::", 48);
	CHECK(route && route->gateway_len == 16 && route->gateway[15] == 1);
	CHECK(view__find_route(&view, "10.9.0.4", 32) &&
	      !view__find_route(&view, "10.9.0.4", 32)->gateway_len);
	/* Neither other tables nor other kinds of routes. */
	CHECK(!view__find_route(&view, "10.8.0.0", 16));
	CHECK(!view__find_route(&view, "10.7.0.0", 16));
	CHECK(!view__find_route(&view, "10.1.2.3", 32));
	netmon__free(monitor);
}

static bool has_everything(const struct view *view)
{
	const struct wire_link *link = view__find_link(view, "pod1");

	return link && link->up && view__find_address(view, "10.5.0.1") &&
	       view__find_route(view, "10.5.9.9", 32) && view->begins == view->ends;
}

static bool has_lost_everything(const struct view *view)
{
	return !view__find_link(view, "pod1") && !view__find_address(view, "10.5.0.1") &&
	       !view__find_route(view, "10.5.9.9", 32) && view->begins == view->ends;
}

static void changes_are_followed(void)
{
	struct netmon *monitor = open_monitor();
	static struct view view;

	view__settle(monitor, &view);
	CHECK(!has_everything(&view));
	test__shell("ip link add pod1 type veth peer name eth1 && ip link set pod1 up && "
	            "ip link set eth1 up && ip addr add 10.5.0.1/24 dev pod1 && "
	            "ip route add 10.5.9.9/32 dev pod1");
	view__read_until(monitor, &view, 65536, has_everything);
	/* The routes go without a word of their own. */
	test__shell("ip link del pod1");
	view__read_until(monitor, &view, 65536, has_lost_everything);
	CHECK(view.links_gone);
	netmon__free(monitor);
}

static bool has_route(const struct view *view)
{
	return view__find_route(view, "10.9.0.4", 32) && view->begins == view->ends;
}

static bool has_no_route(const struct view *view)
{
	return !view__find_route(view, "10.9.0.4", 32) && view->begins == view->ends;
}

static void routes_of_a_device_that_goes_down_are_gone(void)
{
	struct netmon *monitor;
	static struct view view;

	make_network();
	monitor = open_monitor();
	view__settle(monitor, &view);
	CHECK(has_route(&view));
	test__shell("ip link set br0 down");
	view__read_until(monitor, &view, 65536, has_no_route);
	netmon__free(monitor);
}

static bool has_replaced_route(const struct view *view)
{
	const struct wire_route *route = view__find_route(view, "10.9.0.4", 32);
	size_t n = 0;

	for (size_t i = 0; i < view->n_routes; i++)
		n += view->routes[i].destination[0] == 10 && view->routes[i].destination[1] == 9;
	return n == 1 && route && route->gateway_len == 4 && view->begins == view->ends;
}

static void a_replaced_route_stands_alone(void)
{
	struct netmon *monitor;
	static struct view view;

	make_network();
	monitor = open_monitor();
	view__settle(monitor, &view);
	test__shell("ip route replace 10.9.0.4/32 via 10.1.2.9 dev br0");
	view__read_until(monitor, &view, 65536, has_replaced_route);
	netmon__free(monitor);
}

static void a_peer_in_another_namespace_is_told(void)
{
	struct netmon *monitor;
	static struct view view;
	const struct wire_link *link;
	int home = test__new_netns();
	char command[128];

	snprintf(command, sizeof(command),
	         "ip link add pod0 type veth peer name eth0 netns /proc/%d/fd/%d", getpid(), home);
	test__shell("%s", command);
	monitor = open_monitor();
	view__settle(monitor, &view);
	link = view__find_link(&view, "pod0");
	CHECK(link && link->peer_elsewhere);
	netmon__free(monitor);
	close(home);
}

static void little_room_is_enough(void)
{
	struct netmon *monitor;
	static struct view view;

	make_network();
	monitor = open_monitor();
	while (view.ends == 0)
		CHECK(view__poll_once(monitor, &view, NETMON_MIN_ROOM, PATIENCE_MS));
	CHECK(view__find_link(&view, "pod0") && view__find_address(&view, "fd00::7"));
	CHECK(view__find_route(&view, "10.9.0.4", 32));
	CHECK_EQ(view.begins, 1);
	netmon__free(monitor);
}

static bool has_snapshot_again(const struct view *view)
{
	return view->begins > 1 && view->begins == view->ends && view__find_link(view, "d199");
}

static void lost_messages_bring_a_new_snapshot(void)
{
	const struct netmon_opts opts = { .sz = sizeof(opts), .receive_buffer = 4096 };
	struct netmon *monitor = NULL;
	static struct view view;

	CHECK_EQ(netmon__open(&monitor, &opts), 0);
	view__settle(monitor, &view);
	CHECK_EQ(view.begins, 1);
	test__shell(
		"for i in $(seq 0 199); do echo link add d$i type veth peer name p$i; done | ip -batch -");
	view__read_until(monitor, &view, 65536, has_snapshot_again);
	for (int i = 0; i < 200; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d", i);
		CHECK(view__find_link(&view, name));
	}
	netmon__free(monitor);
}

static void waiting_ends_in_time(void)
{
	struct netmon *monitor = open_monitor();
	static struct view view;
	size_t len = 7;
	char small[NETMON_MIN_ROOM - 1];

	view__settle(monitor, &view);
	CHECK_EQ(view__poll_once(monitor, &view, 65536, 20), 0);
	CHECK_EQ(netmon__poll(monitor, 0, small, sizeof(small), &len), -EINVAL);
	CHECK_EQ(len, 7);
	netmon__free(monitor);
	netmon__free(NULL);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_snapshot_names_links_addresses_and_routes),
		TEST(changes_are_followed),
		TEST(routes_of_a_device_that_goes_down_are_gone),
		TEST(a_replaced_route_stands_alone),
		TEST(a_peer_in_another_namespace_is_told),
		TEST(little_room_is_enough),
		TEST(lost_messages_bring_a_new_snapshot),
		TEST(waiting_ends_in_time),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
