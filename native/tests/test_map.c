// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "fault.h"
#include "map.h"
#include "support.h"

#define KERNEL_ENOTSUPP 524

struct entry_key {
	uint32_t number;
};

struct entry_value {
	uint64_t square;
};

static struct map make_map(__u32 type, __u32 entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts,
	            .map_flags = type == BPF_MAP_TYPE_HASH ? BPF_F_NO_PREALLOC : 0);
	struct map map = { .name = "test" };

	map.fd = bpf_map_create(type, "test", 4, 8, entries, &opts);
	CHECK(map.fd >= 0);
	CHECK_EQ(map__describe(&map, map.fd), 0);
	return map;
}

static void fill(struct entry_key *keys, struct entry_value *values, uint32_t from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		keys[i].number = from + i;
		values[i].square = (uint64_t)(from + i) * (from + i);
	}
}

/* Dumps in chunks of @room and checks every value; how many entries there were. */
static uint32_t dump_all(const struct map *map, uint32_t room)
{
	struct entry_key keys[64];
	struct entry_value values[64];
	struct map_dump *dump;
	uint32_t n, total = 0;

	CHECK(room <= 64);
	CHECK_EQ(map_dump__open(&dump, map), 0);
	do {
		CHECK_EQ(map_dump__next(dump, keys, values, room, &n), 0);
		for (uint32_t i = 0; i < n; i++)
			CHECK_EQ(values[i].square, (uint64_t)keys[i].number * keys[i].number);
		total += n;
	} while (n);
	CHECK_EQ(map_dump__next(dump, keys, values, room, &n), 0);
	CHECK_EQ(n, 0);
	map_dump__free(dump);
	return total;
}

/* The same with and without the kernel's batch commands. */
static void check_full_map(void)
{
	struct map map = make_map(BPF_MAP_TYPE_HASH, 16);
	struct entry_key keys[32];
	struct entry_value values[32];
	uint32_t applied = 99;

	fill(keys, values, 100, 32);
	CHECK_EQ(map__update(&map, keys, values, 10, &applied), 0);
	CHECK_EQ(applied, 10);
	CHECK_EQ(map__update(&map, keys, values, 32, &applied), -E2BIG);
	CHECK_EQ(applied, 16);
	CHECK_EQ(dump_all(&map, 64), 16);
	CHECK_EQ(map__delete(&map, keys, 16, &applied), 0);
	CHECK_EQ(applied, 16);
	CHECK_EQ(dump_all(&map, 64), 0);
	close(map.fd);
}

static void check_missing_keys(void)
{
	struct map map = make_map(BPF_MAP_TYPE_HASH, 64);
	struct entry_key keys[32];
	struct entry_value values[32];
	uint32_t applied = 99;

	fill(keys, values, 0, 32);
	for (uint32_t i = 0; i < 32; i += 2)
		CHECK_EQ(map__update(&map, &keys[i], &values[i], 1, &applied), 0);
	CHECK_EQ(map__delete(&map, keys, 32, &applied), 0);
	CHECK_EQ(applied, 32);
	CHECK_EQ(dump_all(&map, 64), 0);
	CHECK_EQ(map__delete(&map, keys, 32, &applied), 0);
	CHECK_EQ(applied, 32);
	close(map.fd);
}

static void a_full_map_tells_how_many_were_applied(void)
{
	check_full_map();
}

static void a_missing_key_counts_as_deleted(void)
{
	check_missing_keys();
}

static void without_update_batches_the_result_is_the_same(void)
{
	fault__set(BPF_MAP_UPDATE_BATCH, 0, KERNEL_ENOTSUPP);
	check_full_map();
	fault__clear();
}

static void without_delete_batches_the_result_is_the_same(void)
{
	fault__set(BPF_MAP_DELETE_BATCH, 0, EINVAL);
	check_full_map();
	check_missing_keys();
	fault__clear();
}

static void without_lookup_batches_the_result_is_the_same(void)
{
	fault__set(BPF_MAP_LOOKUP_BATCH, 0, KERNEL_ENOTSUPP);
	check_full_map();
	check_missing_keys();
	fault__clear();
}

static void a_batch_that_never_began_applied_nothing(void)
{
	struct map map = make_map(BPF_MAP_TYPE_HASH, 16);
	struct entry_key keys[4];
	struct entry_value values[4];
	uint32_t applied = 99;

	fill(keys, values, 0, 4);
	fault__set(BPF_MAP_UPDATE_BATCH, 0, ENOMEM);
	CHECK_EQ(map__update(&map, keys, values, 4, &applied), -ENOMEM);
	CHECK_EQ(applied, 0);
	fault__clear();
	CHECK_EQ(dump_all(&map, 64), 0);
	CHECK_EQ(map__update(&map, keys, values, 0, &applied), 0);
	CHECK_EQ(applied, 0);
	close(map.fd);
}

static void small_chunks_see_every_entry_once(void)
{
	struct map map = make_map(BPF_MAP_TYPE_HASH, 2048);
	uint32_t applied;

	for (uint32_t from = 0; from < 1000; from += 50) {
		struct entry_key keys[50];
		struct entry_value values[50];

		fill(keys, values, from, 50);
		CHECK_EQ(map__update(&map, keys, values, 50, &applied), 0);
	}
	CHECK_EQ(dump_all(&map, 33), 1000);
	close(map.fd);
}

static void an_array_shows_every_index(void)
{
	struct map map = make_map(BPF_MAP_TYPE_ARRAY, 100);
	struct entry_key keys[50];
	struct entry_value values[50];
	uint32_t applied;

	for (uint32_t from = 0; from < 100; from += 50) {
		fill(keys, values, from, 50);
		CHECK_EQ(map__update(&map, keys, values, 50, &applied), 0);
	}
	CHECK_EQ(dump_all(&map, 7), 100);
	fill(keys, values, 95, 10);
	CHECK_EQ(map__update(&map, keys, values, 10, &applied), -E2BIG);
	CHECK_EQ(applied, 5);
	close(map.fd);
}

static void a_failing_dump_says_so(void)
{
	struct map map = make_map(BPF_MAP_TYPE_HASH, 16);
	struct entry_key keys[4];
	struct entry_value values[4];
	struct map_dump *dump;
	uint32_t n = 77;

	CHECK_EQ(map_dump__open(&dump, &map), 0);
	fault__set(BPF_MAP_LOOKUP_BATCH, 0, EPERM);
	CHECK_EQ(map_dump__next(dump, keys, values, 4, &n), -EPERM);
	CHECK_EQ(n, 77);
	fault__clear();
	map_dump__free(dump);
	close(map.fd);
}

static void counters_of_all_cpus_are_added_up(void)
{
	struct map map = make_map(BPF_MAP_TYPE_PERCPU_ARRAY, 4);
	int cpus = libbpf_num_possible_cpus();
	uint64_t *values = calloc((size_t)cpus, sizeof(*values));
	uint64_t sum = 0, expected = 0;
	uint32_t index = 2;

	for (int i = 0; i < cpus; i++) {
		values[i] = 1ULL << (32 + i % 8);
		expected += values[i];
	}
	CHECK_EQ(bpf_map_update_elem(map.fd, &index, values, BPF_ANY), 0);
	CHECK_EQ(map__sum_percpu(&map, index, &sum, 1), 0);
	CHECK_EQ(sum, expected);
	CHECK_EQ(map__sum_percpu(&map, 4, &sum, 1), -ENOENT);
	CHECK_EQ(map__sum_percpu(&map, index, &sum, 2), -EINVAL);
	CHECK_EQ(sum, expected);
	free(values);
	close(map.fd);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_full_map_tells_how_many_were_applied),
		TEST(a_missing_key_counts_as_deleted),
		TEST(without_update_batches_the_result_is_the_same),
		TEST(without_delete_batches_the_result_is_the_same),
		TEST(without_lookup_batches_the_result_is_the_same),
		TEST(a_batch_that_never_began_applied_nothing),
		TEST(small_chunks_see_every_entry_once),
		TEST(an_array_shows_every_index),
		TEST(a_failing_dump_says_so),
		TEST(counters_of_all_cpus_are_added_up),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
