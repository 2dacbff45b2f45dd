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
	snprintf(added->name, sizeof(added->name), "%s%s, %s", row.xdp ? "XDP: " : "", name,
	         row.family == AF_INET ? "v4" : "v6");
	return b->nrows++;
}

static struct row row_of(int family, bool xdp, uint32_t flows)
{
	return (struct row){
		.family = family, .xdp = xdp, .flows = flows, .nop = -1, .ratio_to = -1
	};
}

/* Everything about established flows, for one number of them. */
static void rows_established(struct bench *b, int family, bool xdp, uint32_t flows,
                             const char *count)
{
	struct row row = row_of(family, xdp, flows);
	char name[64];
	int floor_b, request;

#define NAMED(format) (snprintf(name, sizeof(name), format ", %s", count), name)
	row.set = SET_NODEPORT;
	row.subject = SUBJECT_NOP;
	row.nop = row_add(b, row, NAMED("generator"));
	row.subject = SUBJECT_FLOOR_A;
	row_add(b, row, NAMED("floor (a)"));
	row.subject = SUBJECT_FLOOR_B;
	floor_b = row_add(b, row, NAMED("floor (b)"));
	row.subject = SUBJECT_UPLINK;
	row.world = &b->worlds[WORLD_FEW];
	row.ratio_to = floor_b;
	if (flows <= 1024) {
		row.budget = xdp ? 1.4 : flows > 1 ? 1.6 : 0;
		row.budget_ns = !xdp || family == AF_INET6 ? 0 : flows == 1 ? 60 : 90;
	}
	request = row_add(b, row, NAMED("established NodePort to remote backend"));
	row.budget = 0;
	row.set = SET_NODEPORT_REPLY;
	row.ratio_to = xdp ? request : floor_b;
	row_add(b, row, NAMED("reply of it"));
	if (xdp)
		return;
	row.set = SET_CLUSTER_IP;
	row.subject = SUBJECT_POD_IN;
	row_add(b, row, NAMED("established ClusterIP to remote backend"));
#undef NAMED
}

static void rows_new(struct bench *b, int family, bool xdp)
{
	struct row row = row_of(family, xdp, 0);
	int floor;

	row.set = SET_NEW;
	row.subject = SUBJECT_NOP;
	row.nop = row_add(b, row, "generator, new flows");
	row.subject = SUBJECT_FLOOR_N;
	floor = row_add(b, row, "floor of one miss and two inserts, new flows");
	row.subject = SUBJECT_UPLINK;
	row.world = &b->worlds[WORLD_FEW];
	row.ratio_to = floor;
	row.budget = 2;
	row.ratio_to = row_add(b, row, "new flow, 10 services");
	row.world = &b->worlds[WORLD_MANY];
	row.budget = 1.2;
	row_add(b, row, "new flow, 100,000 services");
}

static int row_find(const struct bench *b, const struct row *like, enum contender subject)
{
	for (int i = 0; i < b->nrows; i++)
		if (b->rows[i].family == like->family && b->rows[i].xdp == like->xdp &&
		    b->rows[i].subject == subject && b->rows[i].flows == like->flows)
			return i;
	abort();
}

static void rows_other(struct bench *b, int family, bool xdp)
{
	struct row row = row_of(family, xdp, 1024);

	row.subject = SUBJECT_UPLINK;
	row.set = SET_NODEPORT;
	row.world = &b->worlds[WORLD_MANY];
	row.nop = row_find(b, &row, SUBJECT_NOP);
	row.ratio_to = row_find(b, &row, SUBJECT_UPLINK);
	row.budget = 1.2;
	row_add(b, row, "established NodePort to remote backend, 1,000 flows, 100,000 services");
	row.set = SET_UNRELATED;
	row.world = &b->worlds[WORLD_FEW];
	row.budget = 0;
	row.ratio_to = row_find(b, &row, SUBJECT_FLOOR_A);
	row_add(b, row, "unrelated packet");
}

/* One question of policies, without them and under more and more of them. */
static void rows_policy_set(struct bench *b, struct row row, const char *name, double budget)
{
	static const char *const counts[] = { "no enforcement", "0 policies", "100 policies",
		                              "2,000 policies" };
	int off = -1, none = -1;
	char full[80];

	for (int i = 0; i < 4; i++) {
		row.world = &b->worlds[i ? WORLD_POLICIES_0 + i - 1 : WORLD_FEW];
		row.ratio_to = i > 1 && row.flows == 0 ? none : off;
		row.budget = i > 1 ? budget : 0;
		/* Beyond the same path without policies, not an absolute time. */
		row.budget_over_ns = i && row.flows == 0 ? 250 : 0;
		row.over = off;
		snprintf(full, sizeof(full), "%s, %s", name, counts[i]);
		if (i == 0)
			off = row_add(b, row, full);
		else if (i == 1)
			none = row_add(b, row, full);
		else
			row_add(b, row, full);
	}
}

static void rows_policy(struct bench *b, int family)
{
	struct row row = row_of(family, false, 0);

	row.set = SET_POD_TO_POD;
	row.subject = SUBJECT_NOP;
	row.nop = row_add(b, row, "generator, new flows of a pod");
	row.subject = SUBJECT_FLOOR_N;
	row_add(b, row, "floor of one miss and two inserts, new flows of a pod");
	row.subject = SUBJECT_POD_IN;
	rows_policy_set(b, row, "new flow to one of 10,000 pods", 1.2);
	row.set = SET_POD_TO_BLOCK;
	rows_policy_set(b, row, "new flow into one of 5,000 blocks", 1.2);
	row = row_of(family, false, 1024);
	row.set = SET_CLUSTER_IP;
	row.subject = SUBJECT_NOP;
	row.nop = row_add(b, row, "generator, 1,000 flows of a pod");
	row.subject = SUBJECT_POD_IN;
	rows_policy_set(b, row, "established ClusterIP to remote backend, 1,000 flows", 1.05);
}

void rows_define(struct bench *b, unsigned int parts)
{
	for (int i = 0; i < 4; i++) {
		int family = i % 2 ? AF_INET6 : AF_INET;

		if (i / 2 == 0 && parts & PART_POLICY)
			rows_policy(b, family);
		if (!(parts & (i / 2 ? PART_XDP : PART_TC)))
			continue;
		rows_established(b, family, i / 2, 1, "1 flow");
		rows_established(b, family, i / 2, 1024, "1,000 flows");
		rows_established(b, family, i / 2, 65536, "64,000 flows");
		rows_new(b, family, i / 2);
		rows_other(b, family, i / 2);
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

static void budget_print(const char *name, double budget, double value)
{
	printf(",\"%s\":%.1f,\"%s\":%s", name, budget,
	       strcmp(name, "budget") ? "within_ns" : "within", value <= budget ? "true" : "false");
}

/* How much longer it takes than the row that it is compared with. */
static void over_print(const struct bench *b, const struct row *row)
{
	double over = net_min(b, row) - net_min(b, &b->rows[row->over]);

	printf(",\"over\":\"%s\",\"over_ns\":%.1f,\"budget_over_ns\":%.1f,\"within_over\":%s",
	       b->rows[row->over].name, over, row->budget_over_ns,
	       over <= row->budget_over_ns ? "true" : "false");
}

void rows_print(const struct bench *b)
{
	for (int i = 0; i < b->nrows; i++) {
		const struct row *row = &b->rows[i];
		double least = net_min(b, row), r;

		printf("{\"bench\":\"packet\",\"case\":\"%s\",\"value\":%.1f,\"unit\":\"ns\"",
		       row->name, least);
		if (row->budget_ns > 0)
			budget_print("budget_ns", row->budget_ns, least);
		if (row->ratio_to >= 0) {
			r = ratio(b, row);
			printf(",\"ratio_to\":\"%s\",\"ratio\":%.2f", b->rows[row->ratio_to].name,
			       r);
			if (row->budget > 0)
				budget_print("budget", row->budget, r);
		}
		if (row->budget_over_ns > 0)
			over_print(b, row);
		printf("}\n");
	}
}
