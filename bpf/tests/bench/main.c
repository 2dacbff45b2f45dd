// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * packet_bench [tc|xdp|policy]: nanoseconds per packet by BPF_PROG_TEST_RUN, as JSON lines.
 *
 * A generator program puts the packet back, makes it one of the row's flows and tail-calls the
 * program under test (generator.bpf.c); its cost is measured with a target that only transmits, and
 * taken off. Every round runs every row once, the floors among them. Each row's output is compared
 * byte for byte before anything is timed.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

/* The parts that the argument names; without one the packets of services. 0: no such part. */
static unsigned int parts_of(int argc, char **argv)
{
	if (argc == 1)
		return PART_TC | PART_XDP;
	if (argc > 2)
		return 0;
	return !strcmp(argv[1], "tc")       ? PART_TC
	       : !strcmp(argv[1], "xdp")    ? PART_XDP
	       : !strcmp(argv[1], "policy") ? PART_POLICY
	                                    : 0;
}

int main(int argc, char **argv)
{
	unsigned int parts = parts_of(argc, argv);
	static struct bench b;
	cpu_set_t one;

	if (!parts) {
		fprintf(stderr, "usage: packet_bench [tc|xdp|policy]\n");
		return 2;
	}
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (bench_open(&b, OBJECT_DIR, BENCH_DIR, parts))
		return 1;
	rows_define(&b, parts);
	for (int i = 0; i < b.nrows; i++)
		if (row_verify(&b, &b.rows[i]))
			return 1;
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < b.nrows; i++) {
			b.rows[i].ns[round] = row_time(&b, &b.rows[i]);
			if (b.rows[i].ns[round] < 0)
				return 1;
		}
	}
	rows_print(&b);
	return 0;
}
