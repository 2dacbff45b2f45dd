// SPDX-License-Identifier: Apache-2.0
#include "handback.h"

#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "abi.h"
#include "adopt.h"
#include "conntrack.h"
#include "flow_key.h"
#include "flow_walk.h"
#include "log.h"
#include "util.h"

/* kube-proxy's for what is open, and the kernel's for what is not. */
#define OPEN_S    86400
#define CLOSING_S 120
#define UDP_S     120

/* ---- one connection ------------------------------------------------------------------------------ */

struct handback {
	const struct map *flows;
	enum wire_hand what;
	int fd; /* of ctnetlink */
	struct wire_handback count;
};

/* What it is to be for connection tracking. */
static struct conntrack entry_of(const struct flow_half *half)
{
	const struct conntrack_tuple *leaves = &half->leaves;
	struct conntrack entry = {
		.family = half->family,
		.proto = half->proto,
		.status = IPS_SEEN_REPLY,
		.orig = half->comes,
		.reply = { leaves->daddr, leaves->saddr, leaves->dport, leaves->sport },
	};

	if (half->proto == IPPROTO_TCP)
		entry.tcp_state = half->state == FLOW_STATE_CLOSING ? TCP_CONNTRACK_FIN_WAIT
		                                                    : TCP_CONNTRACK_ESTABLISHED;
	return entry;
}

/* What the kernel has noted of its packets so far is of before or behind the translation. */
static int clear_way(const struct handback *handback, const struct conntrack *entry)
{
	int err = conntrack__delete(handback->fd, entry, &entry->orig);

	return err ?: conntrack__delete(handback->fd, entry, &entry->reply);
}

static uint32_t timeout_of(const struct flow_half *half)
{
	if (half->proto == IPPROTO_UDP)
		return UDP_S;
	return half->state == FLOW_STATE_CLOSING ? CLOSING_S : OPEN_S;
}

static void move(struct handback *handback, const struct flow_half *half)
{
	struct conntrack entry = entry_of(half);
	int err = clear_way(handback, &entry);

	err = err ?: conntrack__create(handback->fd, &entry, timeout_of(half));
	err = err ?: adopt__give(handback->flows, &entry);
	handback->count.moved += !err;
	handback->count.failed += !!err;
}

/*
 * While we serve, the kernel does not know which source ports we have given out of this node's. Who serves
 * next would give them again to what begins before all is moved. Packets of such flows pass its stack by.
 */
static void reserve(struct handback *handback, const struct flow_half *half)
{
	struct conntrack entry = entry_of(half);
	int err;

	if (!(half->flags & FLOW_SNAT))
		return;
	err = conntrack__create(handback->fd, &entry, timeout_of(half));
	handback->count.moved += !err;
	/* What is there keeps the port as well. */
	handback->count.failed += err && err != -EEXIST;
}

/* From now on this half of a plain flow goes by the stack. */
static int demote(const struct handback *handback, const struct conntrack *entry,
                  const struct conntrack_tuple *tuple)
{
	bool v4 = entry->family == AF_INET;
	union flow_key key = flow_key_of(entry, tuple);
	union flow flow;
	int err = bpf_map_lookup_elem(handback->flows->fd, &key, &flow);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (v4) {
		flow.v4.flags &= (uint16_t)~(FLOW_DIRECT | FLOW_LOCAL);
		flow.v4.out_ifindex = 0;
	} else {
		flow.v6.flags &= (uint16_t)~(FLOW_DIRECT | FLOW_LOCAL);
		flow.v6.out_ifindex = 0;
	}
	return bpf_map_update_elem(handback->flows->fd, &key, &flow, BPF_ANY);
}

/*
 * Connection tracking has seen how it began and nothing since: it would find packets of now invalid, and
 * takes up in the middle what it does not know. What has ended before from this port, and was translated,
 * would make it change the port.
 */
static void turn_aside(struct handback *handback, const struct flow_half *half)
{
	struct conntrack entry = entry_of(half);
	int err = clear_way(handback, &entry);

	err = err ?: demote(handback, &entry, &entry.orig);
	err = err ?: demote(handback, &entry, &entry.reply);
	handback->count.direct += !err;
	handback->count.failed += !!err;
}

/* Its port is in the way of who serves now: he does not know that it was ours a moment ago. */
static void forget(const struct handback *handback, const struct flow_half *half)
{
	struct conntrack entry = entry_of(half);
	union flow_key orig = flow_key_of(&entry, &entry.orig);
	union flow_key reply = flow_key_of(&entry, &entry.reply);

	bpf_map_delete_elem(handback->flows->fd, &reply);
	bpf_map_delete_elem(handback->flows->fd, &orig);
}

static bool is_movable(const struct flow_half *half)
{
	return !(half->flags & FLOW_STACK) &&
	       (half->proto == IPPROTO_TCP || half->proto == IPPROTO_UDP);
}

static void hand_back(void *ctx, const struct flow_half *half)
{
	struct handback *handback = ctx;
	bool moves = handback->what == WIRE_HAND_MOVE, plain = half->flags & FLOW_PLAIN;

	if (half->flags & FLOW_REPLY || (plain && !(half->flags & FLOW_DIRECT)))
		return;
	if (half->state == FLOW_STATE_CLOSED) {
		if (moves)
			forget(handback, half);
	} else if (handback->what == WIRE_HAND_RESERVE) {
		if (!plain && is_movable(half))
			reserve(handback, half);
	} else if (plain && moves) {
		turn_aside(handback, half);
	} else if (plain) {
		handback->count.direct++;
	} else if (!is_movable(half)) {
		handback->count.left++;
	} else if (moves) {
		move(handback, half);
	} else {
		handback->count.moved++;
	}
}

int handback__run(const struct map *flows4, const struct map *flows6, enum wire_hand what,
                  struct wire_handback *out)
{
	bool look = what == WIRE_HAND_LOOK;
	_cleanup_fd_ int fd = look ? -1 : conntrack__open();
	struct handback handback = { .what = what, .fd = fd };
	int err;

	if (!look && fd < 0)
		return fd;
	handback.flows = flows4;
	err = flow__walk(flows4, AF_INET, hand_back, &handback);
	handback.flows = flows6;
	err = err ?: flow__walk(flows6, AF_INET6, hand_back, &handback);
	if (!err)
		*out = handback.count;
	return err;
}
