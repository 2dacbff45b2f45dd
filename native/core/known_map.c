// SPDX-License-Identifier: Apache-2.0
#include "known_map.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "abi.h"
#include "util.h"
#include "wire.h"

#define SIZE_OPTION(name) ((int)offsetof(struct wire_options, name))
#define OF_OBJECT         (-1)

static const struct known_map known_maps[] = {
	{ "flows4", ABI_FLOWS_VERSION, KEPT_BY_PROGRAMS, SIZE_OPTION(flows4) },
	{ "flows6", ABI_FLOWS_VERSION, KEPT_BY_PROGRAMS, SIZE_OPTION(flows6) },
	{ "svcs4", ABI_SVCS_VERSION, KEPT_BY_AGENT, SIZE_OPTION(svcs4) },
	{ "svcs6", ABI_SVCS_VERSION, KEPT_BY_AGENT, SIZE_OPTION(svcs6) },
	{ "slots", ABI_SLOTS_VERSION, KEPT_BY_AGENT, SIZE_OPTION(slots) },
	{ "backends4", ABI_BACKENDS_VERSION, KEPT_BY_AGENT, SIZE_OPTION(backends4) },
	{ "backends6", ABI_BACKENDS_VERSION, KEPT_BY_AGENT, SIZE_OPTION(backends6) },
	{ "endpoints4", ABI_ENDPOINTS_VERSION, KEPT_BY_AGENT, SIZE_OPTION(endpoints4) },
	{ "endpoints6", ABI_ENDPOINTS_VERSION, KEPT_BY_AGENT, SIZE_OPTION(endpoints6) },
	{ "cluster4", ABI_CLUSTER_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "cluster6", ABI_CLUSTER_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "ranges4", ABI_RANGES_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "ranges6", ABI_RANGES_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "devs", ABI_DEVS_VERSION, KEPT_BY_AGENT, SIZE_OPTION(devs) },
	{ "affinity4", ABI_AFFINITY_VERSION, KEPT_BY_PROGRAMS, SIZE_OPTION(affinity4) },
	{ "affinity6", ABI_AFFINITY_VERSION, KEPT_BY_PROGRAMS, SIZE_OPTION(affinity6) },
	{ "frags4", ABI_FRAGS_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "frags6", ABI_FRAGS_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "socks4", ABI_SOCKS_VERSION, KEPT_BY_PROGRAMS, OF_OBJECT },
	{ "socks6", ABI_SOCKS_VERSION, KEPT_BY_PROGRAMS, OF_OBJECT },
	{ "sock_last4", ABI_SOCKS_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "sock_last6", ABI_SOCKS_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "sock_tcp4", ABI_SOCKS_VERSION, KEPT_BY_PROGRAMS, OF_OBJECT },
	{ "sock_tcp6", ABI_SOCKS_VERSION, KEPT_BY_PROGRAMS, OF_OBJECT },
	{ "sock_off", ABI_SOCKS_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "room4", ABI_ROOM_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "room6", ABI_ROOM_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "subjects4", ABI_POLICY_VERSION, KEPT_BY_AGENT, SIZE_OPTION(subjects) },
	{ "subjects6", ABI_POLICY_VERSION, KEPT_BY_AGENT, SIZE_OPTION(subjects) },
	{ "peers4", ABI_POLICY_VERSION, KEPT_BY_AGENT, SIZE_OPTION(peers) },
	{ "peers6", ABI_POLICY_VERSION, KEPT_BY_AGENT, SIZE_OPTION(peers) },
	{ "blocks4", ABI_POLICY_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "blocks6", ABI_POLICY_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "sets", ABI_POLICY_VERSION, KEPT_BY_AGENT, SIZE_OPTION(sets) },
	{ "set_peers", ABI_POLICY_VERSION, KEPT_BY_AGENT, SIZE_OPTION(set_peers) },
	{ "set_ports", ABI_POLICY_VERSION, KEPT_BY_AGENT, SIZE_OPTION(set_ports) },
	{ "port_cells", ABI_POLICY_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "guard", ABI_POLICY_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "events", ABI_POLICY_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "tx_ports", ABI_TX_PORTS_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "next_hops", ABI_NEXT_HOPS_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "vlans", ABI_VLANS_VERSION, KEPT_BY_AGENT, OF_OBJECT },
	{ "serving", ABI_SERVING_VERSION, KEPT_BY_PROGRAMS, OF_OBJECT },
	{ "drops", ABI_COUNTERS_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
	{ "counters", ABI_COUNTERS_VERSION, KEPT_BY_NOBODY, OF_OBJECT },
};

const struct known_map *known_map__find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_maps); i++) {
		if (!strcmp(known_maps[i].name, name))
			return &known_maps[i];
	}
	return NULL;
}

const struct known_map *known_map__of_pin(const char *pin, uint32_t *version)
{
	const char *suffix = strrchr(pin, '_');
	char name[64];
	unsigned int number;
	int used = 0;

	if (!suffix || suffix - pin >= (ptrdiff_t)sizeof(name) ||
	    sscanf(suffix, "_v%u%n", &number, &used) != 1 || suffix[used])
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)(suffix - pin), pin);
	*version = number;
	return known_map__find(name);
}
