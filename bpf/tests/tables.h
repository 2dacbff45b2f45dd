/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading and writing the tables of a load, both families through one shape. */
#ifndef MILLRACE_TESTS_TABLES_H
#define MILLRACE_TESTS_TABLES_H

#include "clock.h"
#include "objects.h"

/* A flow entry with its key. Ports, ids and ifindexes in host byte order. */
struct flow {
	struct {
		struct addr saddr, daddr;
		uint16_t sport, dport;
		uint8_t proto;
	} key;
	struct {
		struct addr saddr, daddr;
		uint16_t sport, dport;
	} to;
	uint32_t seen;
	uint8_t state;
	uint16_t flags;
	uint16_t addr_csum, port_csum;
	uint32_t svc, backend, epoch, in_ifindex, out_ifindex;
	uint16_t backend_gen;
	uint32_t pad; /* all padding bytes together: never anything but zero */
};

void flow_put(struct objects *o, int family, const struct flow *flow);
void flow_delete(struct objects *o, int family, const struct flow *flow);

/* Reads the entry of flow->key. False: there is none. */
bool flow_get(struct objects *o, int family, struct flow *flow);

/* All entries; at most max. The number found. */
uint32_t flows_read(struct objects *o, int family, struct flow *flows, uint32_t max);

void svc_put(struct objects *o, int family, const struct addr *addr, uint16_t port, uint8_t proto,
             const struct svc *svc);
/* False: there is no such frontend. */
bool svc_get(struct objects *o, int family, const struct addr *addr, uint16_t port, uint8_t proto,
             struct svc *svc);
void backend_put(struct objects *o, int family, uint32_t id, const struct addr *addr, uint16_t port,
                 uint8_t proto, uint8_t flags, uint32_t svc, uint16_t gen);
void slot_put(struct objects *o, uint32_t slot, uint64_t value);
void endpoint_put(struct objects *o, int family, const struct addr *addr, uint32_t ifindex,
                  uint32_t flags);
/* A block of the cluster. */
void cluster_put(struct objects *o, int family, const struct addr *addr, uint32_t prefixlen);
/* A block of a list of who may ask. */
void range_put(struct objects *o, int family, uint32_t list, const struct addr *addr,
               uint32_t prefixlen);
void dev_put(struct objects *o, uint32_t ifindex, const struct addr *addr4,
             const struct addr *addr6, uint8_t role);

void room_put(struct objects *o, int family, const struct room *room);
void room_get(struct objects *o, int family, struct room *room);

/* Lets XDP send frames out of a device, or no more. */
void tx_port_put(struct objects *o, uint32_t ifindex);
void tx_port_delete(struct objects *o, uint32_t ifindex);

/* An entry of vlans. */
void vlan_put(struct objects *o, uint32_t of, uint16_t tag, uint32_t ifindex, uint16_t vid);

/* Whether a device has the XDP program that is no uplink. */
void trunks_put(struct objects *o, uint32_t any);

/* An entry of serving. */
void serving_put(struct objects *o, uint32_t index, uint32_t value);

/* Every neighbour was last used at that tick; 0 = never. */
void next_hops_put(struct objects *o, uint32_t seen);

/* Makes every remembered fragment older. */
void frags_age(struct objects *o, int family, uint32_t ticks);

/* Empties a hash table. */
void table_clear(struct objects *o, enum table table);

/* Sums over all CPUs. */
void counters_read(struct objects *o, uint64_t counters[COUNTER_MAX]);
void drops_read(struct objects *o, struct drop_count drops[DROP_REASON_MAX]);

#endif
