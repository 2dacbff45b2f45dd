// SPDX-License-Identifier: Apache-2.0
#include "adopt.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <bpf/bpf.h>

#include "conntrack.h"
#include "flow_key.h"
#include "flow_walk.h"
#include "log.h"
#include "tuple_set.h"
#include "util.h"

/* Of the time that the kernel gives a connection of UDP: more than passes between two looks. */
#define IDLE_UDP_S 15

struct adoption {
	const struct adopt_maps *maps;
	struct wire_adoption count;
	struct tuple_set set; /* WIRE_ADOPT_KEEP: what is translated, on both sides */
	enum wire_adopt what;
};

/* How entries are written. */
struct entering {
	const struct map *flows;
	uint64_t how; /* BPF_NOEXIST, BPF_ANY */
	uint32_t now;
	uint32_t written;
};

/* ---- entries of both families -------------------------------------------------------------------- */

static const struct map *flows_of(const struct adoption *adoption, uint8_t family)
{
	return family == AF_INET ? adoption->maps->flows4 : adoption->maps->flows6;
}

static bool is_frontend(const struct adoption *adoption, uint8_t family, uint8_t proto,
                        const struct conntrack_tuple *tuple)
{
	struct svc svc;

	if (family == AF_INET) {
		const struct svc4_key key = { .addr = tuple->daddr.w[0],
			                      .port = tuple->dport,
			                      .proto = proto };

		return !bpf_map_lookup_elem(adoption->maps->svcs4->fd, &key, &svc);
	}
	const struct svc6_key key = { .addr = tuple->daddr, .port = tuple->dport, .proto = proto };

	return !bpf_map_lookup_elem(adoption->maps->svcs6->fd, &key, &svc);
}

/* As a packet of it leaves: as it came. */
static void fill_flow(const struct conntrack *entry, const struct conntrack_tuple *tuple,
                      uint32_t now, uint8_t state, uint16_t flags, union flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	if (entry->family == AF_INET)
		flow->v4 = (struct flow4){ .seen = now,
			                   .state = state,
			                   .flags = flags,
			                   .saddr = tuple->saddr.w[0],
			                   .daddr = tuple->daddr.w[0],
			                   .sport = tuple->sport,
			                   .dport = tuple->dport,
			                   .in_ifindex = IFINDEX_ANY };
	else
		flow->v6 = (struct flow6){ .seen = now,
			                   .state = state,
			                   .flags = flags,
			                   .saddr = tuple->saddr,
			                   .daddr = tuple->daddr,
			                   .sport = tuple->sport,
			                   .dport = tuple->dport,
			                   .in_ifindex = IFINDEX_ANY };
}

static uint32_t tick_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)(((uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec) >>
	                  FLOW_TICK_SHIFT);
}

/* ---- finding ------------------------------------------------------------------------------------- */

/*
 * What is not open any more. A datagram that hits an entry of ours when the kernel has forgotten its connection would
 * be led to nobody, so one that has been idle for long is let go before; the next look is 10 s away.
 */
static bool has_ended(const struct conntrack *entry)
{
	return entry->tcp_state == TCP_CONNTRACK_TIME_WAIT ||
	       entry->tcp_state == TCP_CONNTRACK_CLOSE ||
	       (entry->proto == IPPROTO_UDP && entry->left_s < IDLE_UDP_S);
}

static uint8_t state_of(const struct conntrack *entry)
{
	switch (entry->tcp_state) {
	case TCP_CONNTRACK_FIN_WAIT:
	case TCP_CONNTRACK_CLOSE_WAIT:
	case TCP_CONNTRACK_LAST_ACK:
		return FLOW_STATE_CLOSING;
	default:
		return entry->status & IPS_SEEN_REPLY ? FLOW_STATE_ESTABLISHED : FLOW_STATE_NEW;
	}
}

/* Which side has sent FIN is not told: so a SYN from either begins anew. */
static uint16_t flags_of(const struct conntrack *entry)
{
	uint16_t flags = FLOW_PLAIN | FLOW_ADOPTED;

	if (entry->proto != IPPROTO_UDP)
		flags |= FLOW_MIDFLOW;
	return flags | (state_of(entry) == FLOW_STATE_CLOSING ? FLOW_FIN : 0);
}

/* A hook has seen how it began, and may not see how it is answered. */
static int promote(const struct map *flows, const struct conntrack *entry,
                   const union flow_key *key, const union flow *flow)
{
	bool v4 = entry->family == AF_INET;
	union flow old;
	uint16_t flags;
	uint8_t state;

	if (bpf_map_lookup_elem(flows->fd, key, &old))
		return -EEXIST;
	flags = v4 ? old.v4.flags : old.v6.flags;
	state = v4 ? old.v4.state : old.v6.state;
	if (!(flags & FLOW_ADOPTED) || state != FLOW_STATE_NEW)
		return -EEXIST;
	return bpf_map_update_elem(flows->fd, key, flow, BPF_EXIST);
}

static int enter(struct entering *entering, const struct conntrack *entry,
                 const struct conntrack_tuple *tuple, uint16_t flags)
{
	union flow_key key = flow_key_of(entry, tuple);
	union flow flow;
	int err;

	fill_flow(entry, tuple, entering->now, state_of(entry), flags, &flow);
	err = bpf_map_update_elem(entering->flows->fd, &key, &flow, entering->how);
	if (err == -EEXIST && entry->status & IPS_SEEN_REPLY)
		err = promote(entering->flows, entry, &key, &flow);
	if (err && err != -EEXIST)
		return log__error(-err, "cannot write to %s: %s", entering->flows->name,
		                  strerror(-err));
	entering->written += !err;
	return 0;
}

/* Both halves of one side of the translation; `tuple` is from the client's end. */
static int enter_pair(struct entering *entering, const struct conntrack *entry,
                      const struct conntrack_tuple *tuple)
{
	const struct conntrack_tuple turned = { tuple->daddr, tuple->saddr, tuple->dport,
		                                tuple->sport };
	uint16_t flags = flags_of(entry);
	int err = enter(entering, entry, tuple, flags);

	return err ?: enter(entering, entry, &turned, flags | FLOW_REPLY);
}

static int enter_both(struct entering *entering, const struct conntrack *entry)
{
	const struct conntrack_tuple behind = { entry->reply.daddr, entry->reply.saddr,
		                                entry->reply.dport, entry->reply.sport };
	int err = enter_pair(entering, entry, &entry->orig);

	return err ?: enter_pair(entering, entry, &behind);
}

int adopt__give(const struct map *flows, const struct conntrack *entry)
{
	struct entering entering = { .flows = flows, .how = BPF_ANY, .now = tick_now() };

	return enter_both(&entering, entry);
}

static void count_one(struct adoption *adoption, uint8_t proto)
{
	if (proto == IPPROTO_UDP)
		adoption->count.udp++;
	else
		adoption->count.tcp++;
}

static int find(struct adoption *adoption, const struct conntrack *entry)
{
	struct entering entering = { .flows = flows_of(adoption, entry->family),
		                     .how = BPF_NOEXIST,
		                     .now = tick_now() };
	int err;

	count_one(adoption, entry->proto);
	err = enter_both(&entering, entry);
	adoption->count.written += entering.written;
	return err;
}

static int look(void *ctx, const struct conntrack *entry)
{
	struct adoption *adoption = ctx;
	int err;

	adoption->count.apart += conntrack__is_apart(entry) && !has_ended(entry);
	if (!conntrack__is_translated(entry) ||
	    !is_frontend(adoption, entry->family, entry->proto, &entry->orig))
		return 0;
	adoption->count.tracked++;
	if (has_ended(entry))
		return 0;
	if (adoption->what == WIRE_ADOPT_FIND)
		return find(adoption, entry);
	err = tuple_set__add(&adoption->set, entry->family, entry->proto, &entry->orig);
	return err ?: tuple_set__add(&adoption->set, entry->family, entry->proto, &entry->reply);
}

/* ---- keeping ------------------------------------------------------------------------------------- */

static void count_left(struct adoption *adoption, const struct flow_half *half)
{
	if (!(half->flags & FLOW_REPLY) && half->state != FLOW_STATE_CLOSED &&
	    is_frontend(adoption, half->family, half->proto, &half->comes))
		count_one(adoption, half->proto);
}

static void keep(void *ctx, const struct flow_half *half)
{
	struct adoption *adoption = ctx;

	if (!(half->flags & FLOW_ADOPTED))
		return;
	if (tuple_set__has(&adoption->set, half->family, half->proto, &half->comes))
		count_left(adoption, half);
	else if (!bpf_map_delete_elem(flows_of(adoption, half->family)->fd, half->key))
		adoption->count.gone++;
}

int adopt__run(const struct adopt_maps *maps, enum wire_adopt what, struct wire_adoption *out)
{
	struct adoption adoption = { .maps = maps, .what = what };
	int err = conntrack__list(look, &adoption);

	if (!err && what == WIRE_ADOPT_KEEP) {
		err = flow__walk(maps->flows4, AF_INET, keep, &adoption);
		err = err ?: flow__walk(maps->flows6, AF_INET6, keep, &adoption);
	}
	tuple_set__close(&adoption.set);
	if (!err)
		*out = adoption.count;
	return err;
}
