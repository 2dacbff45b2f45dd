// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tables.h"

#define KEY_MAX 64

static void must(int err, enum table table, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "tables: cannot %s %s: %s\n", what, table_name(table), strerror(-err));
	abort();
}

static void put(struct objects *o, enum table table, const void *key, const void *value)
{
	must(bpf_map_update_elem(o->table[table], key, value, BPF_ANY), table, "write");
}

static enum table of_family(enum table v4, int family)
{
	return family == AF_INET ? v4 : v4 + 1;
}

union svc_key {
	struct svc4_key v4;
	struct svc6_key v6;
};

static union svc_key svc_key_of(int family, const struct addr *addr, uint16_t port, uint8_t proto)
{
	union svc_key key = { .v6 = { .port = htons(port), .proto = proto } };

	if (family == AF_INET) {
		key.v4 = (struct svc4_key){ .port = htons(port), .proto = proto };
		memcpy(&key.v4.addr, addr->b, 4);
	} else {
		memcpy(&key.v6.addr, addr->b, 16);
	}
	return key;
}

void svc_put(struct objects *o, int family, const struct addr *addr, uint16_t port, uint8_t proto,
             const struct svc *svc)
{
	union svc_key key = svc_key_of(family, addr, port, proto);

	put(o, of_family(SVCS4, family), &key, svc);
}

bool svc_get(struct objects *o, int family, const struct addr *addr, uint16_t port, uint8_t proto,
             struct svc *svc)
{
	union svc_key key = svc_key_of(family, addr, port, proto);

	return !bpf_map_lookup_elem(o->table[of_family(SVCS4, family)], &key, svc);
}

void backend_put(struct objects *o, int family, uint32_t id, const struct addr *addr, uint16_t port,
                 uint8_t proto, uint8_t flags, uint32_t svc, uint16_t gen)
{
	struct backend4 b4 = { 0, htons(port), proto, flags, svc, gen, 0 };
	struct backend6 b6 = { {}, htons(port), proto, flags, svc, gen, 0 };

	memcpy(&b4.addr, addr->b, 4);
	memcpy(&b6.addr, addr->b, 16);
	put(o, of_family(BACKENDS4, family), &id, family == AF_INET ? (void *)&b4 : &b6);
}

void slot_put(struct objects *o, uint32_t slot, uint64_t value)
{
	put(o, SLOTS, &slot, &value);
}

void endpoint_put(struct objects *o, int family, const struct addr *addr, uint32_t ifindex,
                  uint32_t flags)
{
	struct endpoint endpoint = { ifindex, flags };

	put(o, of_family(ENDPOINTS4, family), addr->b, &endpoint);
}

void cluster_put(struct objects *o, int family, const struct addr *addr, uint32_t prefixlen)
{
	struct cluster6_key key = { .prefixlen = prefixlen };
	struct cluster inside = { 1 };

	/* The key of IPv4 is the beginning of that of IPv6. */
	memcpy(&key.addr, addr->b, family == AF_INET ? 4 : 16);
	put(o, of_family(CLUSTER4, family), &key, &inside);
}

void range_put(struct objects *o, int family, uint32_t list, const struct addr *addr,
               uint32_t prefixlen)
{
	struct range6_key key = { .prefixlen = RANGE_LIST_BITS + prefixlen, .list = list };
	struct range inside = { 1 };

	memcpy(&key.addr, addr->b, family == AF_INET ? 4 : 16);
	put(o, of_family(RANGES4, family), &key, &inside);
}

void dev_put(struct objects *o, uint32_t ifindex, const struct addr *addr4,
             const struct addr *addr6, uint8_t role)
{
	struct dev dev = { .role = role };

	memcpy(&dev.addr4, addr4->b, 4);
	memcpy(&dev.addr6, addr6->b, 16);
	if (ifindex)
		memcpy(dev.mac, (uint8_t[6]){ 2, 0, 0, 0, 0, ifindex }, 6);
	put(o, DEVS, &ifindex, &dev);
}

void room_put(struct objects *o, int family, const struct room *room)
{
	put(o, of_family(ROOM4, family), &(uint32_t){ 0 }, room);
}

void room_get(struct objects *o, int family, struct room *room)
{
	enum table table = of_family(ROOM4, family);

	must(bpf_map_lookup_elem(o->table[table], &(uint32_t){ 0 }, room), table, "read");
}

void frags_age(struct objects *o, int family, uint32_t ticks)
{
	enum table table = of_family(FRAGS4, family);
	int fd = o->table[table];
	uint8_t key[KEY_MAX], *last = NULL;
	struct frag frag;

	while (!bpf_map_get_next_key(fd, last, key)) {
		must(bpf_map_lookup_elem(fd, key, &frag), table, "read");
		frag.seen -= ticks;
		put(o, table, key, &frag);
		last = key;
	}
}

void tx_port_put(struct objects *o, uint32_t ifindex)
{
	put(o, TX_PORTS, &ifindex, &ifindex);
}

void tx_port_delete(struct objects *o, uint32_t ifindex)
{
	must(bpf_map_delete_elem(o->table[TX_PORTS], &ifindex), TX_PORTS, "delete");
}

void vlan_put(struct objects *o, uint32_t of, uint16_t tag, uint32_t ifindex, uint16_t vid)
{
	struct vlan_key key = { of, tag, 0 };
	struct vlan vlan = { ifindex, vid, 0 };

	put(o, VLANS, &key, &vlan);
}

void trunks_put(struct objects *o, uint32_t any)
{
	put(o, TRUNKS, &(uint32_t){ 0 }, &any);
}

void serving_put(struct objects *o, uint32_t index, uint32_t value)
{
	put(o, SERVING, &index, &value);
}

void next_hops_put(struct objects *o, uint32_t seen)
{
	static uint32_t keys[NEXT_HOPS];
	static struct next_hop values[NEXT_HOPS];
	uint32_t n = NEXT_HOPS;

	for (uint32_t i = 0; i < NEXT_HOPS; i++) {
		keys[i] = i;
		values[i] = (struct next_hop){ .seen = seen };
	}
	must(bpf_map_update_batch(o->table[HOPS], keys, values, &n, NULL), HOPS, "write");
}

void table_clear(struct objects *o, enum table table)
{
	uint8_t key[KEY_MAX];

	while (!bpf_map_get_next_key(o->table[table], NULL, key))
		must(bpf_map_delete_elem(o->table[table], key), table, "clear");
}

/*
 * A per-CPU array, the values of an entry's CPUs side by side; to be freed. It is read at once: entry by
 * entry this was two thirds of all system calls of a run.
 */
static void *per_cpu_read(struct objects *o, enum table table, uint32_t entries, size_t size)
{
	uint32_t *keys = calloc(entries, sizeof(*keys)), n = entries, next;
	void *values = calloc((size_t)entries * o->cpus, size);
	int err = keys && values ? bpf_map_lookup_batch(o->table[table], NULL, &next, keys, values,
	                                                &n, NULL)
	                         : -ENOMEM;

	must(err == -ENOENT ? 0 : err, table, "read");
	free(keys);
	return values;
}

void counters_read(struct objects *o, uint64_t counters[COUNTER_MAX])
{
	uint64_t *values = per_cpu_read(o, COUNTERS, COUNTER_MAX, sizeof(*values));

	for (int i = 0; i < COUNTER_MAX; i++) {
		counters[i] = 0;
		for (int cpu = 0; cpu < o->cpus; cpu++)
			counters[i] += values[i * o->cpus + cpu];
	}
	free(values);
}

void drops_read(struct objects *o, struct drop_count drops[DROP_REASON_MAX])
{
	struct drop_count *values = per_cpu_read(o, DROPS, DROP_REASON_MAX, sizeof(*values));

	for (int i = 0; i < DROP_REASON_MAX; i++) {
		drops[i] = (struct drop_count){};
		for (int cpu = 0; cpu < o->cpus; cpu++) {
			drops[i].packets += values[i * o->cpus + cpu].packets;
			drops[i].bytes += values[i * o->cpus + cpu].bytes;
		}
	}
	free(values);
}
