// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Defines the rows, and prints what was measured. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

static int row_add(struct bench *b, struct row row, const char *name)
{
	struct row *added = &b->rows[b->nrows];

	if (b->nrows == ROWS_MAX) {
		fprintf(stderr, "bench: more than ROWS_MAX rows\n");
		abort();
	}
	*added = row;
	snprintf(added->name, sizeof(added->name), "%s, %s", name,
	         row.family == AF_INET ? "v4" : "v6");
	return b->nrows++;
}

/* Everything about established flows, for one number of them. */
static void rows_established(struct bench *b, int family, uint32_t flows, const char *count)
{
	struct row row = { .family = family, .flows = flows, .nop = -1, .ratio_to = -1 };
	char name[64];
	int floor_b;

#define NAMED(format) (snprintf(name, sizeof(name), format ", %s", count), name)
	row.set = SET_NODEPORT;
	row.subject = SUBJECT_NOP;
	row.nop = row_add(b, row, NAMED("generator"));
	row.subject = SUBJECT_FLOOR_A;
	row_add(b, row, NAMED("floor (a)"));
	row.subject = SUBJECT_FLOOR_B;
	floor_b = row_add(b, row, NAMED("floor (b)"));
	row.subject = SUBJECT_UPLINK_IN;
	row.world = &b->few;
	row.ratio_to = floor_b;
	row.budget = flows == 1024 ? 1.6 : 0;
	row_add(b, row, NAMED("established NodePort to remote backend"));
	row.budget = 0;
	row.set = SET_NODEPORT_REPLY;
	row_add(b, row, NAMED("reply of it"));
	row.set = SET_CLUSTER_IP;
	row.subject = SUBJECT_POD_IN;
	row_add(b, row, NAMED("established ClusterIP to remote backend"));
#undef NAMED
}

static void rows_new(struct bench *b, int family)
{
	struct row row = { .family = family, .set = SET_NEW, .nop = -1, .ratio_to = -1 };
	int floor;

	row.subject = SUBJECT_NOP;
	row.nop = row_add(b, row, "generator, new flows");
	row.subject = SUBJECT_FLOOR_N;
	floor = row_add(b, row, "floor (a) with two inserts, new flows");
	row.subject = SUBJECT_UPLINK_IN;
	row.world = &b->few;
	row.ratio_to = floor;
	row.ratio_to = row_add(b, row, "new flow, 10 services");
	row.world = &b->many;
	row.budget = 1.2;
	row_add(b, row, "new flow, 100,000 services");
}

static int row_find(const struct bench *b, int family, enum subject subject, uint32_t flows)
{
	for (int i = 0; i < b->nrows; i++)
		if (b->rows[i].family == family && b->rows[i].subject == subject &&
		    b->rows[i].flows == flows)
			return i;
	abort();
}

static void rows_other(struct bench *b, int family)
{
	struct row row = {
		.family = family,
		.flows = 1024,
		.subject = SUBJECT_UPLINK_IN,
		.set = SET_NODEPORT,
		.world = &b->many,
		.nop = row_find(b, family, SUBJECT_NOP, 1024),
		.ratio_to = row_find(b, family, SUBJECT_UPLINK_IN, 1024),
		.budget = 1.2,
	};

	row_add(b, row, "established NodePort to remote backend, 1,000 flows, 100,000 services");
	row.set = SET_UNRELATED;
	row.world = &b->few;
	row.budget = 0;
	row.ratio_to = row_find(b, family, SUBJECT_FLOOR_A, 1024);
	row_add(b, row, "unrelated packet");
}

void rows_define(struct bench *b)
{
	for (int i = 0; i < 2; i++) {
		int family = i ? AF_INET6 : AF_INET;

		rows_established(b, family, 1, "1 flow");
		rows_established(b, family, 1024, "1,000 flows");
		rows_established(b, family, 65536, "64,000 flows");
		rows_new(b, family);
		rows_other(b, family);
	}
}

static double net(const struct bench *b, const struct row *row, int round)
{
	return row->ns[round] - (row->subject == SUBJECT_NOP ? 0 : b->rows[row->nop].ns[round]);
}

/* The least raw time less the least time of the generator: neither is disturbed by others. */
static double net_min(const struct bench *b, const struct row *row)
{
	double raw = row->ns[0], nop = row->subject == SUBJECT_NOP ? 0 : b->rows[row->nop].ns[0];

	for (int i = 1; i < ROUNDS; i++) {
		raw = row->ns[i] < raw ? row->ns[i] : raw;
		if (row->subject != SUBJECT_NOP && b->rows[row->nop].ns[i] < nop)
			nop = b->rows[row->nop].ns[i];
	}
	return raw - nop;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of the ratios within each round. */
static double ratio(const struct bench *b, const struct row *row)
{
	double ratios[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		ratios[i] = net(b, row, i) / net(b, &b->rows[row->ratio_to], i);
	qsort(ratios, ROUNDS, sizeof(ratios[0]), by_value);
	return ratios[ROUNDS / 2];
}

void rows_print(const struct bench *b)
{
	for (int i = 0; i < b->nrows; i++) {
		const struct row *row = &b->rows[i];
		double r;

		printf("{\"bench\":\"packet\",\"case\":\"%s\",\"value\":%.1f,\"unit\":\"ns\"",
		       row->name, net_min(b, row));
		if (row->ratio_to >= 0) {
			r = ratio(b, row);
			printf(",\"ratio_to\":\"%s\",\"ratio\":%.2f", b->rows[row->ratio_to].name,
			       r);
			if (row->budget > 0)
				printf(",\"budget\":%.1f,\"within\":%s", row->budget,
				       r <= row->budget ? "true" : "false");
		}
		printf("}\n");
	}
}
