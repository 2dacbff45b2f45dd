// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tables of a case, written as the control plane would. */
#include "policy.h"
#include "step_vlan.h"
#include "test.h"

void backend_set(struct run *r, uint32_t id, uint32_t svc, enum host host, uint16_t port,
                 uint8_t flags, uint16_t gen)
{
	struct addr addr = addr_of(r->family, host);

	backend_put(r->o, r->family, id, &addr, port, r->proto, flags, svc, gen);
}

uint32_t backend(struct run *r, uint32_t svc, enum host host, uint16_t port, uint8_t flags)
{
	uint32_t id = r->next_backend++;

	backend_set(r, id, svc, host, port, flags | BACKEND_ACTIVE, id);
	return id;
}

static struct slots slots_write(struct run *r, struct set set)
{
	struct slots run = { set.n ? r->next_slot : 0, set.n };

	for (uint32_t i = 0; i < set.n; i++)
		slot_put(r->o, r->next_slot++, set.ids[i]);
	return run;
}

void frontend(struct run *r, uint32_t svc, enum host host, uint16_t port, uint8_t flags,
              struct set all, struct set local)
{
	struct addr addr = addr_of(r->family, host);
	struct svc value = {
		.id = svc,
		.flags = flags,
		.all = slots_write(r, all),
		.local = slots_write(r, local),
	};

	svc_put(r->o, r->family, &addr, port, r->proto, &value);
}

/* The place that says `id`: its number in the set, from 1 on; 0 if it is not in there. */
static uint64_t place_of(const struct set *set, uint32_t id)
{
	for (uint32_t i = 0; i < set->n; i++)
		if (set->ids[i] == id)
			return i + 1;
	return 0;
}

/* Places of 8 bits, as for all sets of so few. */
static struct slots ring_write(struct run *r, const struct set *all, const struct set *ring)
{
	struct slots run = { r->next_slot, ring->n };

	for (uint32_t i = 0; i < ring->n; i += 8) {
		uint64_t value = 0;

		for (uint32_t at = 0; at < 8 && i + at < ring->n; at++)
			value |= place_of(all, ring->ids[i + at]) << 8 * at;
		slot_put(r->o, r->next_slot++, value);
	}
	return run;
}

void frontend_with_ring(struct run *r, enum host host, uint16_t port, struct set all,
                        struct set ring)
{
	struct addr addr = addr_of(r->family, host);
	struct svc value = {
		.id = SVC_ID,
		.algo = SVC_ALGO_MAGLEV,
		.all = slots_write(r, all),
		.ring = ring_write(r, &all, &ring),
	};

	svc_put(r->o, r->family, &addr, port, r->proto, &value);
}

void address_only(struct run *r, enum host host, uint8_t flags)
{
	struct addr addr = addr_of(r->family, host);
	struct svc value = { .flags = SVC_ADDRESS | flags };

	svc_put(r->o, r->family, &addr, 0, 0, &value);
}

uint32_t svc_one(struct run *r, enum host host, uint16_t port, enum host backend_host,
                 uint16_t backend_port, uint8_t backend_flags)
{
	uint32_t id = backend(r, SVC_ID, backend_host, backend_port, backend_flags);
	struct set local = backend_flags & BACKEND_LOCAL ? SET(id) : EMPTY;

	frontend(r, SVC_ID, host, port, 0, SET(id), local);
	return id;
}

void endpoint_of(struct run *r, enum host host, uint32_t ifindex, uint32_t flags)
{
	struct addr addr = addr_of(r->family, host);

	endpoint_put(r->o, r->family, &addr, ifindex, flags);
}

void cluster_of(struct run *r, enum host host)
{
	struct addr addr = addr_of(r->family, host);

	cluster_put(r->o, r->family, &addr, r->family == AF_INET ? 24 : 64);
}

void only_for(struct run *r, enum host host, uint16_t port, uint32_t list)
{
	struct addr addr = addr_of(r->family, host);
	struct svc svc;

	if (!svc_get(r->o, r->family, &addr, port, r->proto, &svc))
		fail(r, "the test names a frontend that it has not written");
	svc.ranges = list;
	svc_put(r->o, r->family, &addr, port, r->proto, &svc);
}

void range_of(struct run *r, uint32_t list, enum host host)
{
	struct addr addr = addr_of(r->family, host);

	range_put(r->o, r->family, list, &addr, r->family == AF_INET ? 32 : 128);
}

static void dev_of(struct run *r, uint32_t ifindex, enum host host, uint8_t role)
{
	struct addr a4 = addr_of(AF_INET, host), a6 = addr_of(AF_INET6, host);

	dev_put(r->o, ifindex, &a4, &a6, role);
}

/* Where XDP sees its frames, and sends them. */
static void uplink_stands(struct run *r, uint32_t uplink)
{
	if (r->vlan) {
		vlan_put(r->o, TRUNK, uplink_vid(uplink), uplink, uplink_vid(uplink));
		vlan_put(r->o, uplink, 0, TRUNK, uplink_vid(uplink));
	} else {
		tx_port_put(r->o, uplink);
	}
}

void cluster_reset(struct run *r)
{
	static const enum table hashes[] = {
		FLOWS4,     FLOWS6,     FRAGS4,    FRAGS6,   SVCS4,   SVCS6,
		ENDPOINTS4, ENDPOINTS6, CLUSTER4,  CLUSTER6, DEVS,    VLANS,
		TX_PORTS,   AFFINITY4,  AFFINITY6, RANGES4,  RANGES6,
	};

	policy_reset(r);

	for (uint32_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		table_clear(r->o, hashes[i]);
	next_hops_put(r->o, 0);
	serving_put(r->o, SERVING_HELD, HOLD_NONE);
	serving_put(r->o, SERVING_ADOPTED, 0);
	/* Nobody keeps it: no limit. */
	room_put(r->o, AF_INET, &(struct room){});
	room_put(r->o, AF_INET6, &(struct room){});
	for (uint32_t id = 1; id < r->next_backend; id++)
		backend_set(r, id, 0, NOBODY, 0, 0, 0);
	for (uint32_t slot = 1; slot < r->next_slot; slot++)
		slot_put(r->o, slot, 0);
	r->next_backend = 1;
	r->next_slot = 1;
	dev_of(r, 0, NODE, DEV_NODE);
	dev_of(r, UP0, NODE, DEV_UPLINK);
	dev_of(r, UP1, NODE_1, DEV_UPLINK);
	uplink_stands(r, UP0);
	uplink_stands(r, UP1);
	trunks_put(r->o, r->vlan);
	dev_of(r, PODA, NOBODY, DEV_POD);
	dev_of(r, PODB, NOBODY, DEV_POD);
	dev_of(r, PODC, NOBODY, DEV_POD);
	endpoint_of(r, NODE, 0, ENDPOINT_HOST);
	endpoint_of(r, NODE_1, 0, ENDPOINT_HOST);
	endpoint_of(r, POD_A, PODA, ENDPOINT_POD);
	endpoint_of(r, POD_B, PODB, ENDPOINT_POD);
	endpoint_of(r, POD_C, PODC, ENDPOINT_POD);
	endpoint_of(r, BRIDGED, 0, ENDPOINT_POD);
}
