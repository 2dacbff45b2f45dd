// SPDX-License-Identifier: Apache-2.0
/* Whatever netlink may say, to all who listen: the first byte chooses who. */
#include <linux/genetlink.h>
#include <stdlib.h>

#include "conntrack.h"
#include "netdev.h"
#include "netmon.h"
#include "nl.h"
#include "sock_end_internal.h"
#include "sockets.h"
#include "wire.h"

/* Records are whole, as long as they say, and within the room. */
static void check_records(const char *records, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const struct wire_event *event = (const void *)(records + at);

		if (len - at < sizeof(*event) || event->size < sizeof(*event) || event->size % 4 ||
		    event->size > len - at)
			abort();
		at += event->size;
	}
}

static void follow_the_network(void)
{
	static __attribute__((aligned(4))) char records[4096];
	struct netmon *monitor;
	size_t len = 1;

	if (netmon__open(&monitor, NULL))
		abort();
	while (len) {
		len = 0;
		if (netmon__poll(monitor, 0, records, sizeof(records), &len))
			break;
		check_records(records, len);
	}
	netmon__free(monitor);
}

static int look_at(void *ctx, const struct conntrack *entry)
{
	int *some = ctx;

	*some += conntrack__is_translated(entry) + conntrack__is_apart(entry);
	return 0;
}

static void list_connections(void)
{
	int some = 0;

	conntrack__list(look_at, &some);
}

static void ask_a_driver(void)
{
	bool takes;

	netdev__takes_frames(7, &takes);
}

/* The maps do not exist, so that no socket is one of ours. */
static void end_sockets(void)
{
	const struct sock_end_family none = { .link = -1, .socks = -1, .backends = -1 };
	uint32_t ended = 0;

	sock_end_diag__run(&none, &none, &ended);
}

static void ask_for_something(void)
{
	const struct nlmsghdr nothing = {};

	nl__request(0, RTM_NEWLINK, &nothing, sizeof(nothing));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(void) = { follow_the_network, list_connections, ask_a_driver,
		                                 end_sockets, ask_for_something };
	struct bytes in = { data, size };
	uint8_t reader = take_u8(&in) % (sizeof(readers) / sizeof(readers[0]));

	sockets_feed(in);
	readers[reader]();
	return 0;
}
