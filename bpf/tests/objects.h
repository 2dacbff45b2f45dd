/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The real BPF objects, loaded over one set of maps, and test runs of their programs. */
#ifndef MILLRACE_TESTS_OBJECTS_H
#define MILLRACE_TESTS_OBJECTS_H

#include <stddef.h>

#include "abi.h"
#include "frame.h"
#include "pkt.h"

struct bpf_object;

enum program {
	POD_IN,
	POD_OUT,
	UPLINK_IN,
	UPLINK_OUT,
	UPLINK_XDP, /* one program for both families */
	GC,
	PROGRAM_MAX,
};

enum table {
	FLOWS4,
	FLOWS6,
	FRAGS4,
	FRAGS6,
	AFFINITY4,
	AFFINITY6,
	SVCS4,
	SVCS6,
	BACKENDS4,
	BACKENDS6,
	ENDPOINTS4,
	ENDPOINTS6,
	CLUSTER4,
	CLUSTER6,
	RANGES4,
	RANGES6,
	SLOTS,
	DEVS,
	ROOM4,
	ROOM6,
	DROPS,
	COUNTERS,
	TX_PORTS,
	VLANS,
	TRUNKS,
	SUBJECTS4,
	SUBJECTS6,
	PEERS4,
	PEERS6,
	BLOCKS4,
	BLOCKS6,
	SETS,
	SET_PEERS,
	SET_PORTS,
	PORT_CLASSES,
	GUARD_TABLE,
	EVENTS,
	SERVING,
	HOPS,
	SENDERS4,
	SENDERS6,
	TABLE_MAX,
};

#define OBJECT_MAX 7

struct objects {
	struct bpf_object *object[OBJECT_MAX];
	int table[TABLE_MAX];
	int program[PROGRAM_MAX][2]; /* [..][0] is IPv4 */
	int cpus;
};

struct sizes {
	uint32_t flows, svcs, slots, backends;
	uint32_t hashes; /* most entries of any other hash; 0 = as many as it asks for */
};

/* Loads <dir>/<name><4|6>.bpf.o with this configuration. 0, or -1 after a message. */
int objects_load(struct objects *o, const char *dir, const struct config *config,
                 const struct sizes *sizes);

/* The same over the tables of another load: a second configuration. */
int objects_load_beside(struct objects *o, const char *dir, const struct config *config,
                        const struct objects *other);

/*
 * The same, but over flow tables that are plain hashes of one entry: inserting the second half of a
 * pair fails, as it does under an LRU that finds nothing to evict.
 */
int objects_load_tight(struct objects *o, const char *dir, const struct config *config,
                       const struct objects *other);

/* `millrace trace` over the tables of another load; its programs are by the hooks that they are about. */
int objects_load_trace(struct objects *o, const char *dir, const struct config *config,
                       const struct objects *other);

/* The map that a run of it tells its story in. */
int objects_trace_map(const struct objects *o, int family);

void objects_close(struct objects *o);

/* Sets every per-CPU private table (buckets, entries not yet told to room) back to zero. */
void objects_reset_private(struct objects *o);

const char *program_name(enum program program);
const char *table_name(enum table table);

/* Opens the frame (frame.bpf.c) that all test runs of this process go through. 0 or -1. */
int frame_open(const char *dir);
void frame_close(void);

struct test_run {
	uint32_t ifindex, ingress_ifindex;
	uint32_t tc_index;
	uint32_t tag; /* frame_before.tag */
	struct pkt in;
	/* out */
	int action;
	struct pkt out;
	struct frame_after after;
};

/* Runs a program on a packet. 0, or -errno of BPF_PROG_TEST_RUN. */
int frame_run(int program, struct test_run *run);

/* Runs an XDP program on a packet that came in by run->ifindex. Likewise. */
int frame_run_xdp(int program, struct test_run *run);

/* Makes a device fit to be named in XDP test runs. 0, or -1 after a message. */
int frame_stand(uint32_t ifindex);

/* Runs the in-kernel GC of one family. */
int objects_gc(struct objects *o, int family, struct gc_args *args);

#endif
