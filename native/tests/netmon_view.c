// SPDX-License-Identifier: Apache-2.0
#include "netmon_view.h"

#include <arpa/inet.h>

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

size_t view__poll_once(struct netmon *monitor, struct view *view, size_t room, int timeout_ms)
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

void view__read_until(struct netmon *monitor, struct view *view, size_t room,
                      bool (*reached)(const struct view *))
{
	while (!reached(view)) {
		if (!view__poll_once(monitor, view, room, PATIENCE_MS))
			test__fail(__FILE__, __LINE__, "nothing came");
	}
}

void view__settle(struct netmon *monitor, struct view *view)
{
	while (view->ends == 0 || view->begins != view->ends)
		CHECK(view__poll_once(monitor, view, 65536, PATIENCE_MS));
	while (view__poll_once(monitor, view, 65536, 0))
		;
}

const struct wire_link *view__find_link(const struct view *view, const char *name)
{
	for (size_t i = 0; i < view->n_links; i++) {
		if (!strcmp((const char *)view->links[i].name, name))
			return &view->links[i];
	}
	return NULL;
}

const struct wire_address *view__find_address(const struct view *view, const char *ip)
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

const struct wire_route *view__find_route(const struct view *view, const char *destination,
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
