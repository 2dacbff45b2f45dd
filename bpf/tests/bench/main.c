// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * packet_bench [tc|xdp]: nanoseconds per packet by BPF_PROG_TEST_RUN, as JSON lines.
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

int main(int argc, char **argv)
{
	bool tc = argc > 1 && !strcmp(argv[1], "tc"), xdp = argc > 1 && !strcmp(argv[1], "xdp");
	static struct bench b;
	cpu_set_t one;

	if (argc > 2 || (argc == 2 && !tc && !xdp)) {
		fprintf(stderr, "usage: packet_bench [tc|xdp]\n");
		return 2;
	}
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (bench_open(&b, OBJECT_DIR, BENCH_DIR))
		return 1;
	rows_define(&b, !xdp, !tc);
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
