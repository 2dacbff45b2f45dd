// SPDX-License-Identifier: Apache-2.0
/* Records that a program writes come out whole, in order and once. */
#include <pthread.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "abi.h"
#include "bpf/tell.h"
#include "event_ring.h"
#include "map.h"
#include "support.h"

#define SOON_MS 10000

static struct {
	struct bpf_object *object;
	struct map map;
	int program;
	struct event_ring *ring;
} world;

static void open_world(void)
{
	struct bpf_map *map;

	world.object = bpf_object__open_file(FIXTURE_TELL, NULL);
	CHECK(world.object);
	CHECK_EQ(bpf_object__load(world.object), 0);
	map = bpf_object__find_map_by_name(world.object, "events");
	world.map.fd = bpf_map__fd(map);
	CHECK_EQ(map__describe(&world.map, world.map.fd), 0);
	world.program = bpf_program__fd(bpf_object__find_program_by_name(world.object, "tell"));
	CHECK(world.program >= 0);
	CHECK_EQ(event_ring__open(&world.ring, &world.map), 0);
}

static void close_world(void)
{
	event_ring__free(world.ring);
	bpf_object__close(world.object);
}

/* Has records written; how many found room. */
static uint32_t tell(uint64_t first, uint32_t count, bool odd)
{
	struct tell_args args = { .first = first, .count = count, .odd = odd };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &args, .ctx_size_in = sizeof(args));

	CHECK_EQ(bpf_prog_test_run_opts(world.program, &opts), 0);
	return args.told;
}

/* Takes up to @room records, which must go on from *@next; how many came. */
static size_t take(size_t room, uint64_t *next)
{
	struct event records[64];
	size_t n;

	CHECK(room <= ARRAY_SIZE(records));
	CHECK_EQ(event_ring__poll(world.ring, 0, records, room * sizeof(*records), &n), 0);
	for (size_t i = 0; i < n; i++) {
		CHECK_EQ(records[i].ns, (*next)++);
		CHECK_EQ(records[i].rule, EVENT_NO_RULE);
	}
	return n;
}

static void records_come_in_order_and_once(void)
{
	uint64_t next = 100;

	open_world();
	CHECK_EQ(take(64, &next), 0);
	CHECK_EQ(tell(100, 40, false), 40);
	CHECK_EQ(take(64, &next), 40);
	CHECK_EQ(take(64, &next), 0);
	close_world();
}

static void what_has_no_room_comes_with_the_next_call(void)
{
	uint64_t next = 1;

	open_world();
	CHECK_EQ(tell(1, 100, false), 100);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(take(33, &next), 33);
	CHECK_EQ(take(33, &next), 1);
	CHECK_EQ(take(33, &next), 0);
	close_world();
}

static void a_full_ring_loses_what_comes_last_and_goes_on(void)
{
	uint64_t next = 0;
	uint32_t told, taken = 0;

	open_world();
	told = tell(0, TELL_MAX, false);
	CHECK(told > 100 && told < TELL_MAX);
	for (size_t n = take(64, &next); n; n = take(64, &next))
		taken += n;
	CHECK_EQ(taken, told);
	next = 5000;
	CHECK_EQ(tell(5000, 3, false), 3);
	CHECK_EQ(take(64, &next), 3);
	close_world();
}

static void records_of_another_length_are_skipped(void)
{
	uint64_t next = 7;

	open_world();
	CHECK_EQ(tell(0, 5, true), 5);
	CHECK_EQ(tell(7, 2, false), 2);
	CHECK_EQ(tell(0, 5, true), 5);
	CHECK_EQ(take(64, &next), 2);
	CHECK_EQ(take(64, &next), 0);
	close_world();
}

static void *tell_one(void *unused)
{
	(void)unused;
	tell(9, 1, false);
	return NULL;
}

static void who_waits_is_woken(void)
{
	struct event record;
	pthread_t thread;
	size_t n;

	open_world();
	CHECK_EQ(pthread_create(&thread, NULL, tell_one, NULL), 0);
	CHECK_EQ(event_ring__poll(world.ring, SOON_MS, &record, sizeof(record), &n), 0);
	CHECK_EQ(n, 1);
	CHECK_EQ(record.ns, 9);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	close_world();
}

static void a_buffer_without_room_for_one_is_refused(void)
{
	struct event record;
	size_t n;

	open_world();
	CHECK_EQ(event_ring__poll(world.ring, 0, &record, sizeof(record) - 1, &n), -EINVAL);
	close_world();
}

static void other_maps_are_refused(void)
{
	struct event_ring *ring = NULL;
	struct map map = { .name = "array" };

	map.fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "array", 4, 4, 1, NULL);
	CHECK(map.fd >= 0);
	CHECK_EQ(map__describe(&map, map.fd), 0);
	CHECK_EQ(event_ring__open(&ring, &map), -EINVAL);
	CHECK(!ring);
	close(map.fd);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(records_come_in_order_and_once),
		TEST(what_has_no_room_comes_with_the_next_call),
		TEST(a_full_ring_loses_what_comes_last_and_goes_on),
		TEST(records_of_another_length_are_skipped),
		TEST(who_waits_is_woken),
		TEST(a_buffer_without_room_for_one_is_refused),
		TEST(other_maps_are_refused),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
