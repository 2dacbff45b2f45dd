// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * packet_bench: nanoseconds per packet by BPF_PROG_TEST_RUN, as JSON lines.
 *
 * A generator program puts the packet back, makes it one of the row's flows and tail-calls the
 * program under test (generator.bpf.c); its cost is measured with a target that only transmits, and
 * taken off. Every round runs every row once, the floors among them. Each row's output is compared
 * byte for byte before anything is timed.
 */
#include <sched.h>
#include <stdio.h>

#include "rows.h"

int main(void)
{
	static struct bench b;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (bench_open(&b, OBJECT_DIR, BENCH_DIR))
		return 1;
	rows_define(&b);
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
