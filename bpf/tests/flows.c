// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Flow entries of both families as struct flow, and back. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tables.h"

union flow_key {
	struct flow4_key v4;
	struct flow6_key v6;
};

union flow_value {
	struct flow4 v4;
	struct flow6 v6;
};

static enum table flows_table(int family)
{
	return family == AF_INET ? FLOWS4 : FLOWS6;
}

static void addr_get(struct addr *to, const void *from, int family)
{
	*to = (struct addr){};
	memcpy(to->b, from, family == AF_INET ? 4 : 16);
}

#define KEY_READ(flow, k, family)                                                                  \
	do {                                                                                       \
		addr_get(&(flow)->key.saddr, &(k).saddr, family);                                  \
		addr_get(&(flow)->key.daddr, &(k).daddr, family);                                  \
		(flow)->key.sport = ntohs((k).sport);                                              \
		(flow)->key.dport = ntohs((k).dport);                                              \
		(flow)->key.proto = (k).proto;                                                     \
		(flow)->pad |= (k).pad[0] | (k).pad[1] | (k).pad[2];                               \
	} while (0)

#define VALUE_READ(flow, v, family)                                                                \
	do {                                                                                       \
		addr_get(&(flow)->to.saddr, &(v).saddr, family);                                   \
		addr_get(&(flow)->to.daddr, &(v).daddr, family);                                   \
		(flow)->to.sport = ntohs((v).sport);                                               \
		(flow)->to.dport = ntohs((v).dport);                                               \
		(flow)->seen = (v).seen;                                                           \
		(flow)->state = (v).state;                                                         \
		(flow)->flags = (v).flags;                                                         \
		(flow)->addr_csum = ntohs((v).addr_csum);                                          \
		(flow)->port_csum = ntohs((v).port_csum);                                          \
		(flow)->svc = (v).svc;                                                             \
		(flow)->backend = (v).backend;                                                     \
		(flow)->backend_gen = (v).backend_gen;                                             \
		(flow)->epoch = (v).epoch;                                                         \
		(flow)->in_ifindex = (v).in_ifindex;                                               \
		(flow)->out_ifindex = (v).out_ifindex;                                             \
		(flow)->pad |= (v).pad | (v).pad2;                                                 \
	} while (0)

#define KEY_WRITE(k, flow)                                                                         \
	do {                                                                                       \
		memcpy(&(k).saddr, (flow)->key.saddr.b, sizeof((k).saddr));                        \
		memcpy(&(k).daddr, (flow)->key.daddr.b, sizeof((k).daddr));                        \
		(k).sport = htons((flow)->key.sport);                                              \
		(k).dport = htons((flow)->key.dport);                                              \
		(k).proto = (flow)->key.proto;                                                     \
	} while (0)

#define VALUE_WRITE(v, flow)                                                                       \
	do {                                                                                       \
		memcpy(&(v).saddr, (flow)->to.saddr.b, sizeof((v).saddr));                         \
		memcpy(&(v).daddr, (flow)->to.daddr.b, sizeof((v).daddr));                         \
		(v).sport = htons((flow)->to.sport);                                               \
		(v).dport = htons((flow)->to.dport);                                               \
		(v).seen = (flow)->seen;                                                           \
		(v).state = (flow)->state;                                                         \
		(v).flags = (flow)->flags;                                                         \
		(v).addr_csum = htons((flow)->addr_csum);                                          \
		(v).port_csum = htons((flow)->port_csum);                                          \
		(v).svc = (flow)->svc;                                                             \
		(v).backend = (flow)->backend;                                                     \
		(v).backend_gen = (flow)->backend_gen;                                             \
		(v).epoch = (flow)->epoch;                                                         \
		(v).in_ifindex = (flow)->in_ifindex;                                               \
		(v).out_ifindex = (flow)->out_ifindex;                                             \
	} while (0)

static void flow_key_of(union flow_key *key, int family, const struct flow *flow)
{
	*key = (union flow_key){};
	if (family == AF_INET)
		KEY_WRITE(key->v4, flow);
	else
		KEY_WRITE(key->v6, flow);
}

void flow_put(struct objects *o, int family, const struct flow *flow)
{
	union flow_value value = {};
	union flow_key key;

	flow_key_of(&key, family, flow);
	if (family == AF_INET)
		VALUE_WRITE(value.v4, flow);
	else
		VALUE_WRITE(value.v6, flow);
	if (bpf_map_update_elem(o->table[flows_table(family)], &key, &value, BPF_ANY)) {
		perror("tables: cannot write a flow");
		abort();
	}
}

void flow_delete(struct objects *o, int family, const struct flow *flow)
{
	union flow_key key;

	flow_key_of(&key, family, flow);
	if (bpf_map_delete_elem(o->table[flows_table(family)], &key)) {
		perror("tables: cannot delete a flow");
		abort();
	}
}

bool flow_get(struct objects *o, int family, struct flow *flow)
{
	union flow_value value;
	union flow_key key;

	flow_key_of(&key, family, flow);
	if (bpf_map_lookup_elem(o->table[flows_table(family)], &key, &value))
		return false;
	if (family == AF_INET)
		VALUE_READ(flow, value.v4, family);
	else
		VALUE_READ(flow, value.v6, family);
	return true;
}

uint32_t flows_read(struct objects *o, int family, struct flow *flows, uint32_t max)
{
	int fd = o->table[flows_table(family)];
	union flow_key key, *last = NULL;
	union flow_value value;
	uint32_t n = 0;

	for (; n < max && !bpf_map_get_next_key(fd, last, &key); last = &key) {
		struct flow *flow = &flows[n];

		if (bpf_map_lookup_elem(fd, &key, &value))
			continue;
		*flow = (struct flow){};
		n++;
		if (family == AF_INET) {
			KEY_READ(flow, key.v4, family);
			VALUE_READ(flow, value.v4, family);
		} else {
			KEY_READ(flow, key.v6, family);
			VALUE_READ(flow, value.v6, family);
		}
	}
	return n;
}
