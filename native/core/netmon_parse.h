/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_NETMON_PARSE_H
#define MILLRACE_NETMON_PARSE_H

#include <linux/netlink.h>
#include <stdbool.h>

#include "wire.h"

/* Any record. */
union netmon_record {
	struct wire_event event;
	struct wire_link link;
	struct wire_address address;
	struct wire_route route;
};

/* Translates a message; false for those that are of no interest. */
bool netmon__parse(const struct nlmsghdr *message, union netmon_record *record);

/* Whether IPv4 routes may have vanished without a message of their own. */
bool netmon__hides_changes(const struct nlmsghdr *message);

#endif
