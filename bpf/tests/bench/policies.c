// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Policies as a cluster of 10,000 pods, 100 of them here, with rules about 5,000 blocks has them: as many
 * sets, classes and rows as compilation makes of that many policies.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define EPOCH         1
#define LOCAL_PODS    100
#define POD_CLASSES   336 /* of 2,000 policies */
#define BLOCK_CLASSES 466
#define SETS_MAX      177
#define ROWS_OF_SET   114
#define PORT_RANGES   16

/* How many there are under so many policies. */
static uint32_t scaled(const struct world *w, uint32_t of_2000)
{
	uint32_t n = of_2000 * (uint32_t)w->policies / 2000;

	return n ?: 1;
}

/* Ids are hashes: nothing about them is in order. */
static uint64_t id_of(uint32_t kind, uint32_t n)
{
	uint64_t x = ((uint64_t)kind << 32 | n) + 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

enum { ID_SET, ID_POD_CLASS, ID_BLOCK_CLASS, ID_PORT_CLASS };

static void put(struct world *w, enum table table, const void *key, const void *value)
{
	if (!bpf_map_update_elem(w->o.table[table], key, value, BPF_ANY))
		return;
	fprintf(stderr, "bench: cannot write to %s: %s\n", table_name(table), strerror(errno));
	exit(1);
}

static enum table of_family(int family, enum table v4)
{
	return family == AF_INET ? v4 : v4 + 1;
}

static void guard_fill(struct world *w)
{
	struct addr pod4 = addr_of(AF_INET, POD_A), pod6 = addr_of(AF_INET6, POD_A);
	struct guard guard = { .flags = GUARD_ON, .epoch = EPOCH };

	memset(&guard.mask4[0], 0xff, 3);
	memcpy(&guard.base4[0], pod4.b, 3);
	memset(&guard.mask6[0], 0xff, 8);
	memcpy(&guard.base6[0], pod6.b, 8);
	put(w, GUARD_TABLE, &(uint32_t){ 0 }, &guard);
}

/* POD_A is the first of them, and has set 0. */
static void subjects_fill(struct world *w, int family)
{
	for (uint32_t i = 0; i < LOCAL_PODS; i++) {
		struct addr a = addr_plus(family, POD_A, i);
		struct subject subject = {};

		if (w->policies) {
			subject.egress = id_of(ID_SET, i % scaled(w, SETS_MAX));
			subject.ingress = id_of(ID_SET, (i + 1) % scaled(w, SETS_MAX));
		}
		put(w, of_family(family, SUBJECTS4), a.b, &subject);
	}
}

static void classes_fill(struct world *w, int family)
{
	for (uint32_t i = 0; i < BENCH_PODS; i++) {
		struct addr a = addr_plus(family, FAR_POD, i);
		uint64_t id = id_of(ID_POD_CLASS, i % scaled(w, POD_CLASSES));

		put(w, of_family(family, PEERS4), a.b, &(struct peer){ { id, id } });
	}
	for (uint32_t i = 0; i < BENCH_BLOCKS; i++) {
		struct addr a = addr_plus(family, WORLD, 16 * i);
		uint64_t id = id_of(ID_BLOCK_CLASS, i % scaled(w, BLOCK_CLASSES));
		struct block6_key key = { .prefixlen = family == AF_INET ? 28 : 124 };

		/* The key of IPv4 is the beginning of that of IPv6. */
		memcpy(&key.addr, a.b, family == AF_INET ? 4 : 16);
		key.addr.w[family == AF_INET ? 0 : 3] &= htonl(~15U);
		put(w, of_family(family, BLOCKS4), &key, &(struct block){ { id, id } });
	}
}

/* The range that has the port of the bench is one of several of its cell. */
static void ports_fill(struct world *w)
{
	struct port_cell cell = {};

	for (uint32_t i = 0; i < PORT_CELL; i++)
		cell.port_class[i] = (uint32_t)id_of(ID_PORT_CLASS, i % PORT_RANGES);
	for (uint32_t i = 0; i < PORT_CELLS; i++)
		put(w, PORT_CLASSES, &i, &cell);
}

/* The rows of a set: the third rule is the one that matches. */
static void set_fill(struct world *w, uint32_t n)
{
	struct set_peer_key peer_key = { .set = id_of(ID_SET, n) };
	struct set_port_key port_key = { .set = peer_key.set };
	uint32_t pods = scaled(w, POD_CLASSES), blocks = scaled(w, BLOCK_CLASSES);

	put(w, SETS, &peer_key.set, &(struct policy_set){});
	for (uint32_t i = 0; i < pods + blocks; i++) {
		/* What POD_A may reach is all that it asks for; other sets know fewer. */
		if (n && i >= ROWS_OF_SET)
			break;
		peer_key.peer_class = i < pods ? id_of(ID_POD_CLASS, i)
		                               : id_of(ID_BLOCK_CLASS, i - pods);
		put(w, SET_PEERS, &peer_key, &(struct rule_bits){ { 4 | 2 } });
	}
	for (uint32_t i = 0; i < PORT_RANGES; i++) {
		port_key.port_class = (uint32_t)id_of(ID_PORT_CLASS, i);
		put(w, SET_PORTS, &port_key, &(struct rule_bits){ { 4 | 1 } });
	}
}

void policies_fill(struct world *w, int family)
{
	guard_fill(w);
	subjects_fill(w, family);
	if (!w->policies)
		return;
	classes_fill(w, family);
	ports_fill(w);
	for (uint32_t i = 0; i < scaled(w, SETS_MAX); i++)
		set_fill(w, i);
}
