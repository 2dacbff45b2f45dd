// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Loads what the bench runs, and makes its flows. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

static struct bpf_object *object_open(const char *dir, const char *name)
{
	struct bpf_object *object;
	struct bpf_map *map;
	char path[512];
	uint32_t ifindex = UP0;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s.bpf.o", dir, name);
	object = bpf_object__open_file(path, NULL);
	if (!object) {
		fprintf(stderr, "bench: cannot open %s: %s\n", path, strerror(errno));
		return NULL;
	}
	bpf_object__for_each_map(map, object) {
		/* The only rodata of generator and floors is bench_ifindex. */
		if (strstr(bpf_map__name(map), ".rodata") && bpf_map__initial_value(map, &size) &&
		    size == sizeof(ifindex))
			bpf_map__set_initial_value(map, &ifindex, sizeof(ifindex));
	}
	errno = -bpf_object__load(object);
	if (errno) {
		fprintf(stderr, "bench: cannot load %s: %s\n", path, strerror(errno));
		return NULL;
	}
	return object;
}

static int target_set(struct bench *b, bool xdp, struct row row, int fd)
{
	uint32_t key = target_of(b, &row);

	if (fd >= 0 && !bpf_map_update_elem(b->targets[xdp], &key, &fd, BPF_ANY))
		return 0;
	fprintf(stderr, "bench: cannot set target %d: %s\n", row.subject, strerror(errno));
	return -1;
}

static int program_of(struct bpf_object *object, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	return program ? bpf_program__fd(program) : -1;
}

/* The program of this name for tc, or of name_xdp. */
static int program_for(struct bpf_object *object, const char *name, bool xdp)
{
	char full[32];

	snprintf(full, sizeof(full), "%s%s", name, xdp ? "_xdp" : "");
	return program_of(object, full);
}

static int generator_open(struct bench *b, const char *dir)
{
	struct bpf_object *object = object_open(dir, "generator");

	if (!object)
		return -1;
	b->targets[0] = bpf_object__find_map_fd_by_name(object, "bench_targets");
	b->targets[1] = bpf_object__find_map_fd_by_name(object, "bench_targets_xdp");
	b->row_map = bpf_object__find_map_fd_by_name(object, "bench_row");
	b->picks_map = bpf_object__find_map_fd_by_name(object, "bench_picks");
	for (int xdp = 0; xdp < 2; xdp++) {
		b->generator[xdp][0] = program_for(object, "generate4", xdp);
		b->generator[xdp][1] = program_for(object, "generate6", xdp);
		for (int f = 0; f < 2; f++) {
			struct row row = { .subject = SUBJECT_NOP,
				           .family = f ? AF_INET6 : AF_INET };

			if (target_set(b, xdp, row, program_for(object, "nop", xdp)))
				return -1;
		}
	}
	/* Without a program the device has no receive queue that a test run could name. */
	return bpf_xdp_attach(UP0, program_for(object, "nop", true), XDP_FLAGS_DRV_MODE, NULL);
}

static int floor_open(struct bench *b, const char *dir, int f)
{
	static const struct {
		enum contender subject;
		const char *name;
	} floors[] = {
		{ SUBJECT_FLOOR_A, "floor_a" },
		{ SUBJECT_FLOOR_B, "floor_b" },
		{ SUBJECT_FLOOR_N, "floor_n" },
	};
	struct bpf_object *object = object_open(dir, f ? "floor6" : "floor4");

	if (!object)
		return -1;
	b->floors[f].table[f ? FLOWS6 : FLOWS4] =
		bpf_object__find_map_fd_by_name(object, "floor_flows");
	for (int i = 0; i < 6; i++) {
		struct row row = { .subject = floors[i / 2].subject,
			           .family = f ? AF_INET6 : AF_INET };

		if (target_set(b, i % 2, row, program_for(object, floors[i / 2].name, i % 2)))
			return -1;
	}
	return 0;
}

static int world_open(struct bench *b, enum world_number number, const char *dir)
{
	static const struct {
		uint32_t services;
		int policies;
	} contents[] = {
		[WORLD_FEW] = { 10, NO_POLICIES },    [WORLD_MANY] = { 100000, NO_POLICIES },
		[WORLD_POLICIES_0] = { 10, 0 },       [WORLD_POLICIES_100] = { 10, 100 },
		[WORLD_POLICIES_2000] = { 10, 2000 },
	};
	struct world *w = &b->worlds[number];
	static const struct config config = { .snat_port_min = 1024,
		                              .snat_port_max = 65535,
		                              .reject_rate = 1000 };
	static const struct sizes sizes = {
		.flows = 524288, .svcs = 262144, .slots = 262144, .backends = 262144
	};

	w->services = contents[number].services;
	w->policies = contents[number].policies;
	if (objects_load(&w->o, dir, &config, &sizes))
		return -1;
	for (int f = 0; f < 2; f++) {
		struct row row = { .family = f ? AF_INET6 : AF_INET, .world = w };

		world_fill(w, row.family);
		row.subject = SUBJECT_POD_IN;
		if (target_set(b, false, row, w->o.program[POD_IN][f]))
			return -1;
		row.subject = SUBJECT_UPLINK;
		if (target_set(b, false, row, w->o.program[UPLINK_IN][f]) ||
		    target_set(b, true, row, w->o.program[UPLINK_XDP][f]))
			return -1;
	}
	return 0;
}

static int picks_write(struct bench *b, int f, enum pick_set set)
{
	for (uint32_t i = 0; i < BENCH_FLOWS_MAX; i++) {
		uint32_t key = (f * SET_MAX + set) * BENCH_FLOWS_MAX + i;

		if (bpf_map_update_elem(b->picks_map, &key, &b->picks[f][set][i], BPF_ANY)) {
			fprintf(stderr, "bench: cannot write picks: %s\n", strerror(errno));
			return -1;
		}
	}
	return 0;
}

/* Opens the flows of both established sets, answers them, and copies the table for the floors. */
static int flows_make(struct bench *b, struct world *w, int f)
{
	struct row row = { .family = f ? AF_INET6 : AF_INET, .flows = BENCH_FLOWS_MAX, .world = w };
	bool few = w == &b->worlds[WORLD_FEW];

	row.subject = SUBJECT_UPLINK;
	row.set = SET_NODEPORT;
	if (row_drive(b, &row, TCP_SYN, BENCH_FLOWS_MAX))
		return -1;
	if (picks_fill_replies(w, row.family, b->picks[f][SET_NODEPORT_REPLY]) ||
	    picks_write(b, f, SET_NODEPORT_REPLY))
		return -1;
	row.set = SET_NODEPORT_REPLY;
	if (row_drive(b, &row, TCP_SYN | TCP_ACK, BENCH_FLOWS_MAX))
		return -1;
	row.set = SET_NODEPORT;
	if (row_drive(b, &row, TCP_ACK, BENCH_FLOWS_MAX))
		return -1;
	row.subject = SUBJECT_POD_IN;
	row.set = SET_CLUSTER_IP;
	if (row_drive(b, &row, TCP_SYN, BENCH_FLOWS_MAX))
		return -1;
	return few ? flows_copy(w->o.table[f ? FLOWS6 : FLOWS4],
	                        b->floors[f].table[f ? FLOWS6 : FLOWS4])
	           : 0;
}

/* The worlds that the parts run over, the few last: the picks of the answers are of its ports. */
static bool world_is_used(unsigned int parts, enum world_number number)
{
	return number == WORLD_FEW ||
	       parts & (number == WORLD_MANY ? PART_TC | PART_XDP : PART_POLICY);
}

int bench_open(struct bench *b, const char *objects, const char *own, unsigned int parts)
{
	if (lab_open() || generator_open(b, own) || floor_open(b, own, 0) || floor_open(b, own, 1))
		return -1;
	for (int i = 0; i < WORLD_MAX; i++)
		if (world_is_used(parts, i) && world_open(b, i, objects))
			return -1;
	for (int f = 0; f < 2; f++) {
		for (int set = 0; set < SET_MAX; set++) {
			b->picks[f][set] = calloc(BENCH_FLOWS_MAX, sizeof(struct bench_pick));
			if (!b->picks[f][set])
				return -1;
			picks_fill(f ? AF_INET6 : AF_INET, set, b->picks[f][set]);
			if (picks_write(b, f, set))
				return -1;
		}
		for (int i = WORLD_MAX - 1; i >= 0; i--)
			if (world_is_used(parts, i) && flows_make(b, &b->worlds[i], f))
				return -1;
	}
	return 0;
}
