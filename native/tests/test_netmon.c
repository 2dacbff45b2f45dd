// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/resource.h>

#include "netmon.h"
#include "netmon_parse.h"
#include "support.h"

#define PATIENCE_MS 10000

/* What the records so far amount to, as a careful reader keeps it. */
struct view {
	struct wire_link links[512];
	struct wire_address addresses[512];
	struct wire_route routes[1024];
	size_t n_links, n_addresses, n_routes;
	size_t begins, ends;
	bool links_gone;
};

static void view_reset(struct view *view)
{
	view->n_links = view->n_addresses = view->n_routes = 0;
}

/* A record without its type, size and mark. */
static bool same(const void *a, const void *b, size_t size)
{
	size_t head = sizeof(struct wire_event);

	return !memcmp((const char *)a + head, (const char *)b + head, size - head);
}

static void take_link(struct view *view, const struct wire_link *link)
{
	size_t i = 0;

	while (i < view->n_links && view->links[i].ifindex != link->ifindex)
		i++;
	if (link->event.gone) {
		view->links_gone = true;
		if (i < view->n_links)
			view->links[i] = view->links[--view->n_links];
		return;
	}
	if (i == view->n_links)
		view->n_links++;
	CHECK(view->n_links < ARRAY_SIZE(view->links));
	view->links[i] = *link;
}

static void take_address(struct view *view, const struct wire_address *address)
{
	size_t i = 0;

	while (i < view->n_addresses && (view->addresses[i].ifindex != address->ifindex ||
	                                 memcmp(view->addresses[i].ip, address->ip, 16)))
		i++;
	if (address->event.gone) {
		if (i < view->n_addresses)
			view->addresses[i] = view->addresses[--view->n_addresses];
		return;
	}
	if (i == view->n_addresses)
		view->n_addresses++;
	CHECK(view->n_addresses < ARRAY_SIZE(view->addresses));
	view->addresses[i] = *address;
}

static void take_route(struct view *view, const struct wire_route *route)
{
	size_t i = 0;

	while (i < view->n_routes && !same(&view->routes[i], route, sizeof(*route)))
		i++;
	if (route->event.gone) {
		if (i < view->n_routes)
			view->routes[i] = view->routes[--view->n_routes];
		return;
	}
	if (i == view->n_routes)
		view->n_routes++;
	CHECK(view->n_routes < ARRAY_SIZE(view->routes));
	view->routes[i] = *route;
}

static void take(struct view *view, const union netmon_record *record)
{
	switch (record->event.type) {
	case WIRE_EVENT_BEGIN:
		view->begins++;
		view_reset(view);
		break;
	case WIRE_EVENT_END:
		CHECK_EQ(view->begins, ++view->ends);
		break;
	case WIRE_EVENT_LINK:
		take_link(view, &record->link);
		break;
	case WIRE_EVENT_ADDRESS:
		take_address(view, &record->address);
		break;
	case WIRE_EVENT_ROUTE:
		take_route(view, &record->route);
		break;
	default:
		test__fail(__FILE__, __LINE__, "record of type %u", record->event.type);
	}
}

/* One poll; how many bytes came. */
static size_t poll_once(struct netmon *monitor, struct view *view, size_t room, int timeout_ms)
{
	static char records[65536] __attribute__((aligned(8)));
	size_t len = 0;

	CHECK_EQ(netmon__poll(monitor, timeout_ms, records, room, &len), 0);
	CHECK(len <= room);
	for (size_t at = 0; at < len;) {
		union netmon_record record = {};
		struct wire_event event;

		memcpy(&event, records + at, sizeof(event));
		CHECK(event.size && event.size % 4 == 0 && event.size <= sizeof(record));
		CHECK(at + event.size <= len);
		memcpy(&record, records + at, event.size);
		take(view, &record);
		at += event.size;
	}
	return len;
}

/* Reads until @reached says so, which it must within PATIENCE_MS. */
static void read_until(struct netmon *monitor, struct view *view, size_t room,
                       bool (*reached)(const struct view *))
{
	while (!reached(view)) {
		if (!poll_once(monitor, view, room, PATIENCE_MS))
			test__fail(__FILE__, __LINE__, "nothing came");
	}
}

/* Reads until a whole snapshot is there and nothing more comes. */
static void settle(struct netmon *monitor, struct view *view)
{
	while (view->ends == 0 || view->begins != view->ends)
		CHECK(poll_once(monitor, view, 65536, PATIENCE_MS));
	while (poll_once(monitor, view, 65536, 0))
		;
}

static const struct wire_link *find_link(const struct view *view, const char *name)
{
	for (size_t i = 0; i < view->n_links; i++) {
		if (!strcmp((const char *)view->links[i].name, name))
			return &view->links[i];
	}
	return NULL;
}

static const struct wire_address *find_address(const struct view *view, const char *ip)
{
	for (size_t i = 0; i < view->n_addresses; i++) {
		const struct wire_address *address = &view->addresses[i];
		char text[INET6_ADDRSTRLEN];

		inet_ntop(address->ip_len == 4 ? AF_INET : AF_INET6, address->ip, text,
		          sizeof(text));
		if (!strcmp(text, ip))
			return address;
	}
	return NULL;
}

static const struct wire_route *find_route(const struct view *view, const char *destination,
                                           int prefix_len)
{
	for (size_t i = 0; i < view->n_routes; i++) {
		const struct wire_route *route = &view->routes[i];
		char text[INET6_ADDRSTRLEN];

		inet_ntop(route->ip_len == 4 ? AF_INET : AF_INET6, route->destination, text,
		          sizeof(text));
		if (!strcmp(text, destination) && route->prefix_len == prefix_len)
			return route;
	}
	return NULL;
}

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
	settle(monitor, &view);
	CHECK_EQ(view.begins, 1);

	link = find_link(&view, "pod0");
	CHECK(link && link->up && !strcmp((const char *)link->kind, "veth"));
	CHECK_EQ(link->arphrd, 1);
	CHECK_EQ(link->master, if_nametoindex("br0"));
	CHECK_EQ(link->mac_len, 6);
	CHECK_EQ(link->mac[5], 7);
	CHECK(!link->peer_elsewhere);
	CHECK(find_link(&view, "lo") && find_link(&view, "lo")->arphrd == 772);

	CHECK(find_address(&view, "10.1.2.3"));
	CHECK_EQ(find_address(&view, "10.1.2.3")->prefix_len, 24);
	CHECK_EQ(find_address(&view, "127.0.0.1")->scope, 254);
	CHECK_EQ(find_address(&view, "fd00::7")->ifindex, if_nametoindex("br0"));

	route = find_route(&view, "0.0.0.0", 0);
	CHECK(route && route->metric == 77 && route->gateway_len == 4 && route->gateway[3] == 1);
	CHECK_EQ(route->ifindex, if_nametoindex("br0"));
	route = find_route(&view, "fd77::", 48);
	CHECK(route && route->gateway_len == 16 && route->gateway[15] == 1);
	CHECK(find_route(&view, "10.9.0.4", 32) && !find_route(&view, "10.9.0.4", 32)->gateway_len);
	/* Neither other tables nor other kinds of routes. */
	CHECK(!find_route(&view, "10.8.0.0", 16));
	CHECK(!find_route(&view, "10.7.0.0", 16));
	CHECK(!find_route(&view, "10.1.2.3", 32));
	netmon__free(monitor);
}

static bool has_everything(const struct view *view)
{
	const struct wire_link *link = find_link(view, "pod1");

	return link && link->up && find_address(view, "10.5.0.1") &&
	       find_route(view, "10.5.9.9", 32) && view->begins == view->ends;
}

static bool has_lost_everything(const struct view *view)
{
	return !find_link(view, "pod1") && !find_address(view, "10.5.0.1") &&
	       !find_route(view, "10.5.9.9", 32) && view->begins == view->ends;
}

static void changes_are_followed(void)
{
	struct netmon *monitor = open_monitor();
	static struct view view;

	settle(monitor, &view);
	CHECK(!has_everything(&view));
	test__shell("ip link add pod1 type veth peer name eth1 && ip link set pod1 up && "
	            "ip link set eth1 up && ip addr add 10.5.0.1/24 dev pod1 && "
	            "ip route add 10.5.9.9/32 dev pod1");
	read_until(monitor, &view, 65536, has_everything);
	/* The routes go without a word of their own. */
	test__shell("ip link del pod1");
	read_until(monitor, &view, 65536, has_lost_everything);
	CHECK(view.links_gone);
	netmon__free(monitor);
}

static bool has_route(const struct view *view)
{
	return find_route(view, "10.9.0.4", 32) && view->begins == view->ends;
}

static bool has_no_route(const struct view *view)
{
	return !find_route(view, "10.9.0.4", 32) && view->begins == view->ends;
}

static void routes_of_a_device_that_goes_down_are_gone(void)
{
	struct netmon *monitor;
	static struct view view;

	make_network();
	monitor = open_monitor();
	settle(monitor, &view);
	CHECK(has_route(&view));
	test__shell("ip link set br0 down");
	read_until(monitor, &view, 65536, has_no_route);
	netmon__free(monitor);
}

static bool has_replaced_route(const struct view *view)
{
	const struct wire_route *route = find_route(view, "10.9.0.4", 32);
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
	settle(monitor, &view);
	test__shell("ip route replace 10.9.0.4/32 via 10.1.2.9 dev br0");
	read_until(monitor, &view, 65536, has_replaced_route);
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
	settle(monitor, &view);
	link = find_link(&view, "pod0");
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
		CHECK(poll_once(monitor, &view, NETMON_MIN_ROOM, PATIENCE_MS));
	CHECK(find_link(&view, "pod0") && find_address(&view, "fd00::7"));
	CHECK(find_route(&view, "10.9.0.4", 32));
	CHECK_EQ(view.begins, 1);
	netmon__free(monitor);
}

static bool has_snapshot_again(const struct view *view)
{
	return view->begins > 1 && view->begins == view->ends && find_link(view, "d199");
}

static void lost_messages_bring_a_new_snapshot(void)
{
	const struct netmon_opts opts = { .sz = sizeof(opts), .receive_buffer = 4096 };
	struct netmon *monitor = NULL;
	static struct view view;

	CHECK_EQ(netmon__open(&monitor, &opts), 0);
	settle(monitor, &view);
	CHECK_EQ(view.begins, 1);
	test__shell(
		"for i in $(seq 0 199); do echo link add d$i type veth peer name p$i; done | ip -batch -");
	read_until(monitor, &view, 65536, has_snapshot_again);
	for (int i = 0; i < 200; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d", i);
		CHECK(find_link(&view, name));
	}
	netmon__free(monitor);
}

static void waiting_ends_in_time(void)
{
	struct netmon *monitor = open_monitor();
	static struct view view;
	size_t len = 7;
	char small[NETMON_MIN_ROOM - 1];

	settle(monitor, &view);
	CHECK_EQ(poll_once(monitor, &view, 65536, 20), 0);
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
