/* SPDX-License-Identifier: Apache-2.0 */
/* What a careful reader of the network monitor knows. */
#ifndef MILLRACE_TEST_NETMON_VIEW_H
#define MILLRACE_TEST_NETMON_VIEW_H

#include "netmon.h"
#include "netmon_parse.h"
#include "support.h"

#define PATIENCE_MS 10000

struct view {
	struct wire_link links[512];
	struct wire_address addresses[512];
	struct wire_route routes[1024];
	size_t n_links, n_addresses, n_routes;
	size_t begins, ends;
	bool links_gone;
};

/* One poll; how many bytes came. */
size_t view__poll_once(struct netmon *monitor, struct view *view, size_t room, int timeout_ms);

/* Reads until @reached says so, which it must within PATIENCE_MS. */
void view__read_until(struct netmon *monitor, struct view *view, size_t room,
                      bool (*reached)(const struct view *));

/* Reads until a whole snapshot is there and nothing more comes. */
void view__settle(struct netmon *monitor, struct view *view);

const struct wire_link *view__find_link(const struct view *view, const char *name);
const struct wire_address *view__find_address(const struct view *view, const char *ip);
const struct wire_route *view__find_route(const struct view *view, const char *destination,
                                          int prefix_len);

#endif
