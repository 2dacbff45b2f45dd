/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows links, addresses and unicast routes of the main table in the network namespace that it was
 * opened in. First comes a snapshot, then changes as they happen. A new snapshot comes whenever the
 * kernel lost messages for us, or removed something without telling: IPv4 routes go silently with
 * the device or address they need.
 */
#ifndef MILLRACE_NETMON_H
#define MILLRACE_NETMON_H

#include <stddef.h>

/* The least room that netmon__poll() takes: one record of any kind. */
#define NETMON_MIN_ROOM 256

struct netmon;

struct netmon_opts {
	size_t sz;             /* of this struct, so that it can grow */
	size_t receive_buffer; /* bytes that the kernel may queue for us; 0 = 8 MiB */
};

int netmon__open(struct netmon **monitor, const struct netmon_opts *opts);
void netmon__free(struct netmon *monitor);

/*
 * Waits up to @timeout_ms for something to report (-1: for ever) and fills @records, of @room bytes
 * and aligned to 4, with whole records of wire.h. *@len bytes are set; 0 when nothing came. When the
 * room is used up, the rest comes with the next call.
 */
int netmon__poll(struct netmon *monitor, int timeout_ms, void *records, size_t room, size_t *len);

#endif
