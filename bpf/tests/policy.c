// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <string.h>

#include "policy.h"

#define CELLS (POLICY_SIDES * PORT_PROTOS * PORT_CELLS)

static bool cell_used[CELLS];

static enum table of_family(struct run *r, enum table v4)
{
	return r->family == AF_INET ? v4 : v4 + 1;
}

static void write_entry(struct run *r, enum table table, const void *key, const void *value)
{
	if (bpf_map_update_elem(r->o->table[table], key, value, BPF_ANY))
		fail(r, "cannot write to %s", table_name(table));
}

static void guard_write(struct run *r, const struct guard *guard)
{
	write_entry(r, GUARD_TABLE, &(uint32_t){ 0 }, guard);
}

static struct guard guard_read(struct run *r)
{
	struct guard guard;

	if (bpf_map_lookup_elem(r->o->table[GUARD_TABLE], &(uint32_t){ 0 }, &guard))
		fail(r, "cannot read the guard");
	return guard;
}

void policy_reset(struct run *r)
{
	static const enum table hashes[] = { SUBJECTS4, SUBJECTS6, PEERS4,  PEERS6,
		                             BLOCKS4,   BLOCKS6,   SETS,    SET_PEERS,
		                             SET_PORTS, SENDERS4,  SENDERS6 };

	for (uint32_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		table_clear(r->o, hashes[i]);
	for (uint32_t i = 0; i < CELLS; i++) {
		if (cell_used[i])
			write_entry(r, PORT_CLASSES, &i, &(struct port_cell){});
		cell_used[i] = false;
	}
	guard_write(r, &(struct guard){});
	r->epoch = 0;
}

void policy_begin(struct run *r, uint32_t flags)
{
	static const enum host pods[] = { POD_A, POD_B, POD_C, BRIDGED };
	struct guard guard = { .flags = GUARD_ON | flags, .epoch = EPOCH };
	struct addr addr = addr_of(r->family, POD_A);

	/* The last of the ranges: all are looked at. */
	memset(&guard.mask4[GUARD_RANGES - 1], 0xff, 3);
	memcpy(&guard.base4[GUARD_RANGES - 1], addr.b, 3);
	memset(&guard.mask6[GUARD_RANGES - 1], 0xff, 8);
	memcpy(&guard.base6[GUARD_RANGES - 1], addr.b, 8);
	guard_write(r, &guard);
	for (uint32_t i = 0; i < sizeof(pods) / sizeof(pods[0]); i++)
		subject(r, pods[i], 0, 0);
	r->epoch = EPOCH;
}

void policy_flags(struct run *r, uint32_t flags)
{
	struct guard guard = guard_read(r);

	guard.flags = flags;
	guard_write(r, &guard);
}

void policy_epoch(struct run *r, uint32_t epoch)
{
	struct guard guard = guard_read(r);

	guard.epoch = epoch;
	guard_write(r, &guard);
	r->epoch = epoch;
	for (uint32_t i = 0; i < r->nflows; i++)
		r->flows[i].epoch = epoch;
}

void subject_on(struct run *r, enum host host, uint64_t ingress, uint64_t egress, uint32_t side)
{
	struct subject subject = { ingress, egress, side, 0 };
	struct addr addr = addr_of(r->family, host);

	write_entry(r, of_family(r, SUBJECTS4), addr.b, &subject);
}

void subject(struct run *r, enum host host, uint64_t ingress, uint64_t egress)
{
	subject_on(r, host, ingress, egress, 0);
}

void subject_gone(struct run *r, enum host host)
{
	struct addr addr = addr_of(r->family, host);

	if (bpf_map_delete_elem(r->o->table[of_family(r, SUBJECTS4)], addr.b))
		fail(r, "there is no such subject");
}

void dev_own(struct run *r, uint32_t ifindex)
{
	struct dev dev;

	if (bpf_map_lookup_elem(r->o->table[DEVS], &ifindex, &dev))
		fail(r, "there is no such device");
	dev.flags |= DEV_OWNED;
	write_entry(r, DEVS, &ifindex, &dev);
}

void peer_on(struct run *r, enum host host, uint64_t side0, uint64_t side1)
{
	struct addr addr = addr_of(r->family, host);

	write_entry(r, of_family(r, PEERS4), addr.b, &(struct peer){ { side0, side1 } });
}

void peer(struct run *r, enum host host, uint64_t peer_class)
{
	peer_on(r, host, peer_class, peer_class);
}

void block_on(struct run *r, const struct addr *addr, uint32_t prefixlen, uint64_t side0,
              uint64_t side1)
{
	struct block6_key key = { .prefixlen = prefixlen };

	/* The key of IPv4 is the beginning of that of IPv6. */
	memcpy(&key.addr, addr->b, r->family == AF_INET ? 4 : 16);
	write_entry(r, of_family(r, BLOCKS4), &key, &(struct block){ { side0, side1 } });
}

void block(struct run *r, enum host host, uint32_t prefixlen, uint64_t peer_class)
{
	struct addr addr = addr_of(r->family, host);

	block_on(r, &addr, prefixlen, peer_class, peer_class);
}

static uint32_t proto_table(uint8_t proto)
{
	return proto == IPPROTO_TCP ? PORT_TCP : proto == IPPROTO_UDP ? PORT_UDP : PORT_SCTP;
}

void ports_on(struct run *r, uint32_t side, uint8_t proto, uint16_t from, uint16_t to,
              uint32_t port_class)
{
	uint32_t base = (side * PORT_PROTOS + proto_table(proto)) * PORT_CELLS;
	struct port_cell cell;

	for (uint32_t at = from / PORT_CELL; at <= to / PORT_CELL; at++) {
		uint32_t index = base + at;

		if (bpf_map_lookup_elem(r->o->table[PORT_CLASSES], &index, &cell))
			fail(r, "cannot read a cell");
		for (uint32_t i = 0; i < PORT_CELL; i++) {
			uint32_t port = at * PORT_CELL + i;

			if (port >= from && port <= to)
				cell.port_class[i] = port_class;
		}
		write_entry(r, PORT_CLASSES, &index, &cell);
		cell_used[index] = true;
	}
}

void ports(struct run *r, uint16_t from, uint16_t to, uint32_t port_class)
{
	for (uint32_t side = 0; side < POLICY_SIDES; side++)
		ports_on(r, side, r->proto, from, to, port_class);
}

static void bits_of(__u64 word[POLICY_WORDS], const uint16_t *rules)
{
	memset(word, 0, POLICY_WORDS * sizeof(*word));
	for (; rules && *rules != NO_RULE; rules++)
		word[*rules / 64] |= 1ULL << *rules % 64;
}

void policy_set_of_(struct run *r, uint64_t id, struct rules rules)
{
	struct policy_set set = { .next = rules.next, .flags = rules.audit ? POLICY_SET_AUDIT : 0 };

	bits_of(set.any_peer4, rules.any_peer);
	bits_of(set.any_peer6, rules.any_peer6 ?: rules.any_peer);
	bits_of(set.any_port, rules.any_port);
	write_entry(r, SETS, &id, &set);
}

void policy_peers(struct run *r, uint64_t id, uint64_t peer_class, const uint16_t *rules)
{
	struct rule_bits bits;

	bits_of(bits.word, rules);
	write_entry(r, SET_PEERS, &(struct set_peer_key){ id, peer_class }, &bits);
}

void policy_ports(struct run *r, uint64_t id, uint32_t port_class, const uint16_t *rules)
{
	struct rule_bits bits;

	bits_of(bits.word, rules);
	write_entry(r, SET_PORTS, &(struct set_port_key){ id, port_class, 0 }, &bits);
}
