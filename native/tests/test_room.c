// SPDX-License-Identifier: Apache-2.0
/* From which fill of a flow table on new flows are limited. */
#include "abi.h"
#include "room.h"
#include "support.h"

/* What the LRU of a table may set aside, for each CPU and once more. */
static uint32_t hoard(uint32_t cpus)
{
	return (128 + ROOM_BATCH) * (cpus + 1);
}

static void a_large_table_is_filled_to_95_percent(void)
{
	struct gc_args args = {};

	room__plan(524288, 2, &args);
	CHECK_EQ(args.limit + args.reserve, 524288 - 524288 / 20);
	CHECK_EQ(args.limit * 100LL / 524288, 79);
	CHECK_EQ(args.low * 100LL / 524288, 9);
}

static void the_lru_always_finds_a_free_entry(void)
{
	for (uint32_t cpus = 1; cpus <= 1024; cpus *= 2) {
		for (uint32_t entries = 2 * hoard(cpus); entries < 1 << 24; entries *= 3) {
			struct gc_args args = {};

			room__plan(entries, cpus, &args);
			CHECK(args.limit + args.reserve + hoard(cpus) <= entries);
			CHECK(args.low < args.limit);
		}
	}
}

/* What the buckets of all CPUs let in until it times out under pressure leaves half of the reserve. */
static void the_reserve_outlasts_those_who_ask_from_outside(void)
{
	for (uint32_t cpus = 1; cpus <= 64; cpus *= 2) {
		struct gc_args args = {};

		room__plan(524288, cpus, &args);
		CHECK(args.rate > 0);
		CHECK(2 * args.rate * cpus * ROOM_UNANSWERED_TICKS < args.reserve / 2);
	}
}

static void the_smallest_table_takes_flows(void)
{
	struct gc_args args = {};

	room__plan(64, 128, &args);
	CHECK(args.limit >= 16);
	CHECK(args.reserve > 0);
	CHECK_EQ(args.rate, 1);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_large_table_is_filled_to_95_percent),
		TEST(the_lru_always_finds_a_free_entry),
		TEST(the_reserve_outlasts_those_who_ask_from_outside),
		TEST(the_smallest_table_takes_flows),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
