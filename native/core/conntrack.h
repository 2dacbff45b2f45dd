/* SPDX-License-Identifier: Apache-2.0 */
/* Connections as the host's connection tracking has them, in this network namespace (ctnetlink). */
#ifndef MILLRACE_CONNTRACK_H
#define MILLRACE_CONNTRACK_H

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi.h"

/* The netlink type of a message of ctnetlink. */
#define CT_TYPE(message) ((uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | (message)))

/* The tuple of a packet; an IPv4 address is the first word. Network byte order. */
struct conntrack_tuple {
	struct addr6 saddr, daddr;
	__be16 sport, dport;
};

struct conntrack {
	uint8_t family;    /* AF_INET, AF_INET6 */
	uint8_t proto;     /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP */
	uint8_t tcp_state; /* enum tcp_conntrack; 0 = not of TCP */
	uint32_t status;   /* enum ip_conntrack_status */
	uint32_t left_s;   /* until the kernel forgets it if nothing comes; at least */
	struct conntrack_tuple orig, reply;
};

typedef int (*conntrack_visit_fn)(void *ctx, const struct conntrack *entry);

/*
 * Shows @visit each connection, which may end it with an error. Where there is no connection tracking
 * there are none. 0 or -errno.
 */
int conntrack__list(conntrack_visit_fn visit, void *ctx);

/* A socket to change them by; a descriptor or -errno. */
int conntrack__open(void);

/*
 * Makes an open connection whose packets are translated from @entry->orig so that they are answered by
 * @entry->reply. Sequence numbers are not checked, as nobody knows them. -EEXIST if there is one.
 */
int conntrack__create(int fd, const struct conntrack *entry, uint32_t timeout_s);

/* Forgets the connection that such a packet belongs to, in either direction; none is no error. */
int conntrack__delete(int fd, const struct conntrack *entry, const struct conntrack_tuple *tuple);

/* Whether its destination is translated: to whom the answers come from. */
bool conntrack__is_translated(const struct conntrack *entry);

/* Whether only its source port is another one: somebody else's connection has the one that it came with. */
bool conntrack__is_apart(const struct conntrack *entry);

#endif
