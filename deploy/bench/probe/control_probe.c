// SPDX-License-Identifier: Apache-2.0
/*
 * control_probe PINS: how long a changed object takes to reach the kernel.
 *
 * Each line of stdin is one change: STAGED TARGET FRONTEND ENDPOINT. The file STAGED is renamed to
 * TARGET, or, if that is a URL, sent there by PUT, and the pinned maps are read over and over until
 * the frontend (an IPv4 address, port 80, TCP) gives new flows to ENDPOINT. The clock starts before
 * the rename, or when the API server has given the event to the watchers' connections, as it says
 * in its answer. One line of output per change: nanoseconds.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "abi.h"
#include "probe.h"

#define LIMIT_NS 10000000000ULL

struct maps {
	int svcs, slots, backends;
};

static bool backend__is(const struct maps *maps, __u32 slot, __be32 addr)
{
	struct backend4 backend;
	__u64 value;
	__u32 id;

	if (bpf_map_lookup_elem(maps->slots, &slot, &value) < 0)
		return false;
	id = (__u32)value;
	return bpf_map_lookup_elem(maps->backends, &id, &backend) == 0 &&
	       (backend.flags & BACKEND_ACTIVE) && backend.addr == addr;
}

/* Whether a new flow to the frontend may be given to the endpoint: what a packet would find. */
static bool frontend__has(const struct maps *maps, __be32 frontend, __be32 endpoint)
{
	struct svc4_key key = { .addr = frontend, .port = htons(80), .proto = IPPROTO_TCP };
	struct svc svc;

	if (bpf_map_lookup_elem(maps->svcs, &key, &svc) < 0)
		return false;
	for (__u32 i = 0; i < svc.all.count; i++)
		if (backend__is(maps, svc.all.base + i, endpoint))
			return true;
	return false;
}

static int change__measure(const void *opened, char *line)
{
	const struct maps *maps = opened;
	char *staged = strtok(line, " "), *target = strtok(NULL, " ");
	char *frontend = strtok(NULL, " "), *endpoint = strtok(NULL, " \n");
	__be32 frontend_addr, endpoint_addr;
	uint64_t start;
	int err;

	if (!endpoint || inet_pton(AF_INET, frontend, &frontend_addr) != 1 ||
	    inet_pton(AF_INET, endpoint, &endpoint_addr) != 1) {
		fprintf(stderr, "control_probe: not STAGED TARGET FRONTEND ENDPOINT\n");
		return -EINVAL;
	}
	err = change__make(staged, target, &start);
	if (err)
		return err;
	while (!frontend__has(maps, frontend_addr, endpoint_addr)) {
		if (now_ns() - start > LIMIT_NS) {
			fprintf(stderr, "control_probe: %s not in the kernel after 10 s\n",
			        endpoint);
			return -ETIMEDOUT;
		}
	}
	printf("%llu\n", (unsigned long long)(now_ns() - start));
	return 0;
}

int main(int argc, char **argv)
{
	struct maps maps;

	if (argc != 2) {
		fputs("usage: control_probe PINS <CHANGES\n", stderr);
		return 2;
	}
	maps.svcs = map__open(argv[1], "svcs4", ABI_SVCS_VERSION);
	maps.slots = map__open(argv[1], "slots", ABI_SLOTS_VERSION);
	maps.backends = map__open(argv[1], "backends4", ABI_BACKENDS_VERSION);
	if (maps.svcs < 0 || maps.slots < 0 || maps.backends < 0)
		return 1;
	return changes__measure(change__measure, &maps) ? 1 : 0;
}
