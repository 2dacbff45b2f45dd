// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define BACKENDS     16
#define BACKEND_PORT 8080
#define NODE_PORT    30080
#define FIRST_PORT   1024 /* of a client address: 8192 from here */
#define PORTS        8192

struct addr addr_plus(int family, enum host host, uint32_t n)
{
	struct addr a = addr_of(family, host);
	uint8_t *low = a.b + (family == AF_INET ? 0 : 12);
	uint32_t word;

	memcpy(&word, low, 4);
	word = htonl(ntohl(word) + n);
	memcpy(low, &word, 4);
	return a;
}

static uint32_t low_word(const struct addr *a, int family)
{
	uint32_t word;

	memcpy(&word, a->b + (family == AF_INET ? 0 : 12), 4);
	return word;
}

static void service_fill(struct world *w, int family)
{
	struct svc svc = { .id = 1, .all = { 1, BACKENDS } };
	struct addr node = addr_of(family, NODE), vip = addr_of(family, VIP);

	for (uint32_t i = 0; i < BACKENDS; i++) {
		struct addr a = addr_plus(family, FAR_POD, i);

		backend_put(&w->o, family, 1 + i, &a, BACKEND_PORT, IPPROTO_TCP,
		            BACKEND_ACTIVE | BACKEND_CLUSTER, 1, 1);
		slot_put(&w->o, 1 + i, 1 + i);
	}
	svc_put(&w->o, family, &node, NODE_PORT, IPPROTO_TCP, &svc);
	svc_put(&w->o, family, &vip, 80, IPPROTO_TCP, &svc);
}

void world_fill(struct world *w, int family)
{
	struct addr n4 = addr_of(AF_INET, NODE), n6 = addr_of(AF_INET6, NODE);
	struct addr node = addr_of(family, NODE), pod = addr_of(family, POD_A);

	/* As gc keeps it, far from full; its stamp is of later, so that it is not old meanwhile. */
	room_put(&w->o, family, &(struct room){ .left = 1LL << 40, .stamp = tick_now() + 3600 });
	dev_put(&w->o, 0, &n4, &n6, DEV_NODE);
	dev_put(&w->o, UP0, &n4, &n6, DEV_UPLINK);
	endpoint_put(&w->o, family, &node, 0, ENDPOINT_HOST);
	endpoint_put(&w->o, family, &pod, PODA, ENDPOINT_POD);
	service_fill(w, family);
	if (w->policies != NO_POLICIES)
		policies_fill(w, family);
	for (uint32_t i = 1; i < w->services; i++) {
		uint32_t id = BACKENDS + i;
		struct svc svc = { .id = 1 + i, .all = { id, 1 } };
		struct addr vip = addr_plus(family, VIP, 256 + i);
		struct addr a = addr_plus(family, FAR_POD, 256 + i);

		backend_put(&w->o, family, id, &a, BACKEND_PORT, IPPROTO_TCP, BACKEND_ACTIVE, 1 + i,
		            1);
		slot_put(&w->o, id, id);
		svc_put(&w->o, family, &vip, 80, IPPROTO_TCP, &svc);
	}
}

static struct tuple set_tuple(enum pick_set set)
{
	switch (set) {
	case SET_CLUSTER_IP:
		return (struct tuple){ POD_A, FIRST_PORT, VIP, 80 };
	case SET_UNRELATED:
		return (struct tuple){ CLIENT, FIRST_PORT, NODE, 22 };
	case SET_NODEPORT_REPLY:
		return (struct tuple){ FAR_POD, BACKEND_PORT, NODE, 0 };
	case SET_POD_TO_POD:
		/* Other ports than those of SET_CLUSTER_IP, or a flow of that may have the tuple. */
		return (struct tuple){ POD_A, FIRST_PORT + PORTS, FAR_POD, BACKEND_PORT };
	case SET_POD_TO_BLOCK:
		return (struct tuple){ POD_A, FIRST_PORT, WORLD, BACKEND_PORT };
	default:
		return (struct tuple){ CLIENT, FIRST_PORT, NODE, NODE_PORT };
	}
}

/* A pod asks all others in turn, and then all of them from its next port. */
static void picks_fill_to(int family, enum pick_set set, struct bench_pick picks[BENCH_FLOWS_MAX])
{
	struct tuple t = set_tuple(set);
	struct addr src = addr_of(family, t.src);
	uint32_t others = set == SET_POD_TO_POD ? BENCH_PODS : BENCH_BLOCKS;

	for (uint32_t i = 0; i < BENCH_FLOWS_MAX; i++) {
		/* Blocks are of 16 addresses; not the first of it. */
		uint32_t n = set == SET_POD_TO_POD ? i % others : 16 * (i % others) + 5;
		struct addr dst = addr_plus(family, t.dst, n);

		picks[i] = (struct bench_pick){
			.saddr = low_word(&src, family),
			.daddr = low_word(&dst, family),
			.sport = htons(t.sport + i / others),
			.dport = htons(t.dport),
		};
	}
}

void picks_fill(int family, enum pick_set set, struct bench_pick picks[BENCH_FLOWS_MAX])
{
	struct tuple t = set_tuple(set);
	struct addr dst = addr_of(family, t.dst);

	if (set == SET_POD_TO_POD || set == SET_POD_TO_BLOCK) {
		picks_fill_to(family, set, picks);
		return;
	}

	for (uint32_t i = 0; i < BENCH_FLOWS_MAX; i++) {
		/* New clients are other ones: 64 addresses further on. */
		struct addr src = addr_plus(family, t.src, i / PORTS + (set == SET_NEW ? 64 : 0));

		picks[i] = (struct bench_pick){
			.saddr = low_word(&src, family),
			.daddr = low_word(&dst, family),
			.sport = htons(FIRST_PORT + i % PORTS),
			.dport = htons(t.dport),
		};
	}
}

int picks_fill_replies(struct world *w, int family, struct bench_pick picks[BENCH_FLOWS_MAX])
{
	struct flow *flows = calloc(4 * BENCH_FLOWS_MAX, sizeof(*flows));
	uint32_t n = flows ? flows_read(&w->o, family, flows, 4 * BENCH_FLOWS_MAX) : 0, found = 0;
	struct addr base = addr_of(family, CLIENT);

	for (uint32_t i = 0; i < n; i++) {
		const struct flow *f = &flows[i];
		uint32_t client =
			ntohl(low_word(&f->to.daddr, family)) - ntohl(low_word(&base, family));
		uint32_t pick = client * PORTS + f->to.dport - FIRST_PORT;

		if (!(f->flags & FLOW_REPLY) || f->to.sport != NODE_PORT || pick >= BENCH_FLOWS_MAX)
			continue;
		picks[pick] = (struct bench_pick){
			.saddr = low_word(&f->key.saddr, family),
			.daddr = low_word(&f->key.daddr, family),
			.sport = htons(f->key.sport),
			.dport = htons(f->key.dport),
		};
		found++;
	}
	free(flows);
	if (found != BENCH_FLOWS_MAX)
		fprintf(stderr, "bench: %u of %u flows have a reply half\n", found,
		        BENCH_FLOWS_MAX);
	return found == BENCH_FLOWS_MAX ? 0 : -1;
}

struct pkt frame_of(int family, const struct frame_spec *spec)
{
	const struct layer layers[] = {
		eth(.dst_mac = spec->dst_mac, .src_mac = spec->src_mac),
		{ .kind = family == AF_INET ? LAYER_IP4 : LAYER_IP6,
		  .src = spec->saddr,
		  .dst = spec->daddr,
		  .ttl = spec->ttl },
		tcp(.sport = spec->sport, .dport = spec->dport, .seq = 1, .flags = spec->flags),
	};

	return pkt_build(layers, 3);
}

void pick_key(int family, enum pick_set set, const struct bench_pick *pick, struct flow *flow)
{
	struct tuple t = set_tuple(set);

	*flow = (struct flow){ .key.proto = IPPROTO_TCP };
	flow->key.saddr = addr_of(family, t.src);
	flow->key.daddr = addr_of(family, t.dst);
	memcpy(flow->key.saddr.b + (family == AF_INET ? 0 : 12), &pick->saddr, 4);
	memcpy(flow->key.daddr.b + (family == AF_INET ? 0 : 12), &pick->daddr, 4);
	flow->key.sport = ntohs(pick->sport);
	flow->key.dport = ntohs(pick->dport);
}

void flows_forget(struct objects *o, int family, enum pick_set set, const struct bench_pick *picks,
                  uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct flow flow, peer = {};

		pick_key(family, set, &picks[i], &flow);
		if (!flow_get(o, family, &flow))
			continue;
		peer.key.saddr = flow.to.daddr;
		peer.key.daddr = flow.to.saddr;
		peer.key.sport = flow.to.dport;
		peer.key.dport = flow.to.sport;
		peer.key.proto = flow.key.proto;
		flow_delete(o, family, &peer);
		flow_delete(o, family, &flow);
	}
}

int flows_copy(int from, int to)
{
	uint8_t key[64], value[128], *last = NULL;

	for (; !bpf_map_get_next_key(from, last, key); last = key)
		if (bpf_map_lookup_elem(from, key, value) ||
		    bpf_map_update_elem(to, key, value, BPF_ANY)) {
			perror("bench: cannot copy the flow table");
			return -1;
		}
	return 0;
}
