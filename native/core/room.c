// SPDX-License-Identifier: Apache-2.0
#include "room.h"

#include "abi.h"
#include "util.h"

/* Free entries that the kernel's LRU sets aside for each CPU, and once more for all: there it evicts. */
#define LRU_FREE_TARGET 128

/* The reserve is to last from one gc under pressure until what it let in has timed out. */
#define RESERVE_SECONDS (ROOM_UNANSWERED_TICKS + 3)

/*
 *   |              limit: everybody              |    reserve    |  spare  |
 *   0                                          79 %            95 %    entries
 *
 * The spare is never used: it is what the LRU needs to find a free entry without evicting, and what
 * CPUs may have inserted without having said so. In a small table it takes more than its 5 %.
 */
void room__plan(uint32_t entries, uint32_t cpus, struct gc_args *args)
{
	uint32_t hoard = (LRU_FREE_TARGET + ROOM_BATCH) * (cpus + 1);
	uint32_t spare = MIN(MAX(entries / 20, hoard), entries / 2);
	uint32_t inside = entries - spare;

	args->reserve = inside / 6;
	args->limit = inside - args->reserve;
	args->low = args->limit / 8;
	/* Half of the reserve, two entries a flow, is for those who ask from outside. */
	args->rate = MAX(args->reserve / 4 / RESERVE_SECONDS / cpus, 1);
}
