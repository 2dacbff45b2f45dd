/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rows of the bench: what is timed, over which flows, and what it is compared with. */
#ifndef MILLRACE_TESTS_ROWS_H
#define MILLRACE_TESTS_ROWS_H

#include "world.h"

#define ROUNDS    21
#define ROWS_MAX  128
#define PACKETS   100000 /* of a test run */
#define NEW_FLOWS 20000  /* of a test run of new flows */

enum contender {
	SUBJECT_NOP,
	SUBJECT_FLOOR_A,
	SUBJECT_FLOOR_B,
	SUBJECT_FLOOR_N,
	SUBJECT_UPLINK, /* uplink_in, or uplink_xdp */
	SUBJECT_POD_IN,
	SUBJECT_MAX,
};

/* The tables that programs run over. */
enum world_number {
	WORLD_FEW,        /* 10 services */
	WORLD_MANY,       /* 100,000 services */
	WORLD_POLICIES_0, /* 10 services; policies are enforced, and there are none */
	WORLD_POLICIES_100,
	WORLD_POLICIES_2000,
	WORLD_MAX,
};

/* What is to be measured. */
enum part {
	PART_TC = 1 << 0,
	PART_XDP = 1 << 1,
	PART_POLICY = 1 << 2,
};

struct row {
	char name[96];
	int family;
	bool xdp; /* all of it: generator, floors and program */
	enum contender subject;
	enum pick_set set;
	uint32_t flows;        /* 0 = every packet begins one */
	struct world *world;   /* NULL: of a floor */
	int nop, ratio_to;     /* other rows; -1 = none */
	double budget;         /* of the ratio; 0 = none */
	double budget_ns;      /* of the time, on a quiet 2.7 GHz Xeon; 0 = none */
	int over;              /* another row; of budget_over_ns */
	double budget_over_ns; /* of the time above it, likewise; 0 = none */
	double ns[ROUNDS];     /* raw */
};

struct bench {
	struct world worlds[WORLD_MAX];
	struct row rows[ROWS_MAX];
	int nrows;
	struct bench_pick *picks[2][SET_MAX]; /* [0] is IPv4 */
	int generator[2][2], targets[2];      /* [xdp], [IPv6] */
	int row_map, picks_map;
	struct objects floors[2]; /* only their flow table is used */
};

/* Opens and loads everything and fills the tables that the parts need. 0, or -1 after a message. */
int bench_open(struct bench *b, const char *objects, const char *own, unsigned int parts);

/* The rows of the parts. */
void rows_define(struct bench *b, unsigned int parts);

/* Where the program of a row stands in bench_targets: both families, and all worlds. */
uint32_t target_of(const struct bench *b, const struct row *row);

/* One test run of a row. Nanoseconds per packet, or -1 after a message. */
double row_time(struct bench *b, struct row *row);

/* Runs one packet of the row and compares what comes out. 0, or -1 after a message. */
int row_verify(struct bench *b, struct row *row);

/* Runs n packets of a set in turn through a program, to make its flows. 0, or -1 after a message. */
int row_drive(struct bench *b, struct row *row, uint8_t flags, uint32_t n);

void rows_print(const struct bench *b);

#endif
