// SPDX-License-Identifier: Apache-2.0
/*
 * policy_probe PINS: how long a changed NetworkPolicy takes to be in force.
 *
 * Each line of stdin is one change: STAGED TARGET POD PORT. The file STAGED is renamed to TARGET, or, if
 * that is a URL, sent there by PUT, and the pinned maps are read over and over until a rule for
 * connections to the pod (an IPv4 address) names the port (TCP): what a packet would find. The clock
 * starts as that of control_probe. One line of output per change: nanoseconds.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "probe.h"

#define LIMIT_NS 10000000000ULL

struct maps {
	int subjects, sets, set_ports, port_cells;
};

static __u32 port__class(const struct maps *maps, __u32 side, __u32 port)
{
	__u32 index = (side * PORT_PROTOS + PORT_TCP) * PORT_CELLS + (port >> PORT_CELL_SHIFT);
	struct port_cell cell;

	if (bpf_map_lookup_elem(maps->port_cells, &index, &cell) < 0)
		return 0;
	return cell.port_class[port % PORT_CELL];
}

static bool bits__any(const struct rule_bits *bits)
{
	for (int i = 0; i < POLICY_WORDS; i++)
		if (bits->word[i])
			return true;
	return false;
}

/* Whether a rule for connections to the pod names the port. */
static bool pod__has(const struct maps *maps, __be32 pod, __u32 port)
{
	struct endpoint4_key key = { .addr = pod };
	struct set_port_key row_key = {};
	struct policy_set_key set_key;
	struct policy_set set;
	struct subject subject;
	struct rule_bits row;

	if (bpf_map_lookup_elem(maps->subjects, &key, &subject) < 0)
		return false;
	row_key.port_class = port__class(maps, subject.side, port);
	set_key.id = subject.ingress;
	for (int i = 0; i < POLICY_CHAIN && set_key.id; i++) {
		row_key.set = set_key.id;
		if (bpf_map_lookup_elem(maps->set_ports, &row_key, &row) == 0 && bits__any(&row))
			return true;
		if (bpf_map_lookup_elem(maps->sets, &set_key, &set) < 0)
			return false;
		set_key.id = set.next;
	}
	return false;
}

static int change__measure(const void *opened, char *line)
{
	const struct maps *maps = opened;
	char *staged = strtok(line, " "), *target = strtok(NULL, " ");
	char *pod = strtok(NULL, " "), *port = strtok(NULL, " \n");
	uint64_t start;
	__be32 addr;
	int err;

	if (!port || inet_pton(AF_INET, pod, &addr) != 1) {
		fprintf(stderr, "policy_probe: not STAGED TARGET POD PORT\n");
		return -EINVAL;
	}
	err = change__make(staged, target, &start);
	if (err)
		return err;
	while (!pod__has(maps, addr, (__u32)atoi(port))) {
		if (now_ns() - start > LIMIT_NS) {
			fprintf(stderr, "policy_probe: %s port %s not in force after 10 s\n", pod,
			        port);
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
		fputs("usage: policy_probe PINS <CHANGES\n", stderr);
		return 2;
	}
	maps.subjects = map__open(argv[1], "subjects4", ABI_POLICY_VERSION);
	maps.sets = map__open(argv[1], "sets", ABI_POLICY_VERSION);
	maps.set_ports = map__open(argv[1], "set_ports", ABI_POLICY_VERSION);
	maps.port_cells = map__open(argv[1], "port_cells", ABI_POLICY_VERSION);
	if (maps.subjects < 0 || maps.sets < 0 || maps.set_ports < 0 || maps.port_cells < 0)
		return 1;
	return changes__measure(change__measure, &maps) ? 1 : 0;
}
