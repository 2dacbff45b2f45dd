/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the flow tables of either family. */
#ifndef MILLRACE_FLOW_KEY_H
#define MILLRACE_FLOW_KEY_H

#include <string.h>
#include <sys/socket.h>

#include "conntrack.h"

union flow_key {
	struct flow4_key v4;
	struct flow6_key v6;
};

union flow {
	struct flow4 v4;
	struct flow6 v6;
};

/* That of a packet with this tuple, which is one of @entry's. */
static inline union flow_key flow_key_of(const struct conntrack *entry,
                                         const struct conntrack_tuple *tuple)
{
	union flow_key key;

	memset(&key, 0, sizeof(key));
	if (entry->family == AF_INET)
		key.v4 = (struct flow4_key){ tuple->saddr.w[0], tuple->daddr.w[0], tuple->sport,
			                     tuple->dport,      entry->proto,      { 0 } };
	else
		key.v6 = (struct flow6_key){ tuple->saddr, tuple->daddr, tuple->sport,
			                     tuple->dport, entry->proto, { 0 } };
	return key;
}

#endif
