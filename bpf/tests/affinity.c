// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <string.h>

#include "affinity.h"

static int table(struct run *r, enum table v4)
{
	return r->o->table[r->family == AF_INET ? v4 : v4 + 1];
}

void affinity_set(struct run *r, enum host host, uint16_t port, uint32_t seconds)
{
	struct addr addr = addr_of(r->family, host);
	struct svc4_key key4 = { .port = htons(port), .proto = r->proto };
	struct svc6_key key6 = { .port = htons(port), .proto = r->proto };
	const void *key = r->family == AF_INET ? (void *)&key4 : &key6;
	struct svc svc;

	memcpy(&key4.addr, addr.b, 4);
	memcpy(&key6.addr, addr.b, 16);
	if (bpf_map_lookup_elem(table(r, SVCS4), key, &svc))
		fail(r, "the test names a frontend that it has not written");
	svc.affinity_s = seconds;
	bpf_map_update_elem(table(r, SVCS4), key, &svc, BPF_ANY);
}

struct record_key {
	uint32_t svc;
	uint8_t addr[16];
};

static struct record_key key_of(struct run *r, uint32_t svc, enum host client)
{
	struct addr addr = addr_of(r->family, client);
	struct record_key key = { .svc = svc };

	memcpy(key.addr, addr.b, r->family == AF_INET ? 4 : 16);
	return key;
}

void affinity_place(struct run *r, uint32_t svc, enum host client, uint32_t backend, uint32_t ticks)
{
	struct record_key key = key_of(r, svc, client);
	struct affinity record = { backend, backend, 0, tick_now() - ticks };

	if (bpf_map_update_elem(table(r, AFFINITY4), &key, &record, BPF_ANY))
		fail(r, "cannot write a record");
}

static bool find(struct run *r, uint32_t svc, enum host client, struct affinity *record)
{
	struct record_key key = key_of(r, svc, client);

	if (bpf_map_lookup_elem(table(r, AFFINITY4), &key, record))
		return false;
	if (record->pad)
		fail(r, "a record's padding is not zero");
	return true;
}

uint32_t affinity_of(struct run *r, uint32_t svc, enum host client)
{
	struct affinity record;

	return find(r, svc, client, &record) ? record.backend : 0;
}

uint32_t affinity_age(struct run *r, uint32_t svc, enum host client)
{
	struct affinity record;

	if (!find(r, svc, client, &record))
		fail(r, "the client is not remembered");
	return tick_now() - record.seen;
}
