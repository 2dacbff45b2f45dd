// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "support.h"

static struct map make_array(__u32 type, __u32 entries, __u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
	struct map map = { .name = "slots" };

	map.fd = bpf_map_create(type, "slots", 4, 8, entries, &opts);
	CHECK(map.fd >= 0);
	CHECK_EQ(map__describe(&map, map.fd), 0);
	return map;
}

static void what_is_stored_is_seen_by_the_kernel(void)
{
	struct map map = make_array(BPF_MAP_TYPE_ARRAY, 5000, BPF_F_MMAPABLE);
	const uint64_t run[] = { 11, 0x2200000022, 33 };
	uint64_t back[3] = {}, value = 0;
	uint32_t key = 4998;
	struct arena *arena;

	CHECK_EQ(arena__open(&arena, &map), 0);
	CHECK_EQ(arena__capacity(arena), 5000);
	CHECK_EQ(arena__store(arena, 4997, run, 3), 0);
	CHECK_EQ(bpf_map_lookup_elem(map.fd, &key, &value), 0);
	CHECK_EQ(value, run[1]);
	CHECK_EQ(arena__load(arena, 4997, back, 3), 0);
	CHECK(!memcmp(back, run, sizeof(run)));
	arena__free(arena);
	close(map.fd);
}

static void stores_outside_are_refused(void)
{
	struct map map = make_array(BPF_MAP_TYPE_ARRAY, 16, BPF_F_MMAPABLE);
	uint64_t run[4] = { 1, 2, 3, 4 };
	struct arena *arena;

	CHECK_EQ(arena__open(&arena, &map), 0);
	CHECK_EQ(arena__store(arena, 12, run, 4), 0);
	CHECK_EQ(arena__store(arena, 13, run, 4), -ERANGE);
	CHECK_EQ(arena__store(arena, 17, run, 0), -ERANGE);
	CHECK_EQ(arena__store(arena, UINT32_MAX, run, 2), -ERANGE);
	CHECK_EQ(arena__load(arena, 13, run, 4), -ERANGE);
	CHECK_EQ(arena__store(arena, 16, run, 0), 0);
	arena__free(arena);
	close(map.fd);
}

static long resident_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long size = 0, resident = 0;

	CHECK(f);
	CHECK_EQ(fscanf(f, "%ld %ld", &size, &resident), 2);
	fclose(f);
	return resident;
}

/* 32 MiB, of which the runs at both ends and over a border are used. */
static void only_what_is_used_is_mapped(void)
{
	struct map map = make_array(BPF_MAP_TYPE_ARRAY, 1 << 22, BPF_F_MMAPABLE);
	const uint32_t bases[] = { 1, 131070, 131072 * 5 - 2, (1 << 22) - 4 };
	const uint64_t run[4] = { 1, 2, 3, 4 };
	long before = resident_pages();
	struct arena *arena;

	CHECK_EQ(arena__open(&arena, &map), 0);
	for (uint32_t i = 0; i < ARRAY_SIZE(bases); i++)
		CHECK_EQ(arena__store(arena, bases[i], run, 4), 0);
	for (uint32_t i = 0; i < ARRAY_SIZE(bases); i++) {
		uint64_t back[4] = {};

		for (uint32_t at = 0; at < 4; at++) {
			uint32_t key = bases[i] + at;

			CHECK_EQ(bpf_map_lookup_elem(map.fd, &key, &back[at]), 0);
		}
		CHECK(!memcmp(back, run, sizeof(run)));
		memset(back, 0, sizeof(back));
		CHECK_EQ(arena__load(arena, bases[i], back, 4), 0);
		CHECK(!memcmp(back, run, sizeof(run)));
	}
	/* Five pieces of 1 MiB, and some pages of the test itself. */
	CHECK(resident_pages() - before < 6 * 256);
	arena__free(arena);
	CHECK(resident_pages() - before < 256);
	close(map.fd);
}

static void other_maps_are_no_arenas(void)
{
	struct map plain = make_array(BPF_MAP_TYPE_ARRAY, 16, 0);
	struct map hash = make_array(BPF_MAP_TYPE_HASH, 16, 0);
	struct arena *arena = NULL;

	CHECK_EQ(arena__open(&arena, &plain), -EINVAL);
	CHECK_EQ(arena__open(&arena, &hash), -EINVAL);
	CHECK(!arena);
	close(plain.fd);
	close(hash.fd);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(what_is_stored_is_seen_by_the_kernel),
		TEST(stores_outside_are_refused),
		TEST(only_what_is_used_is_mapped),
		TEST(other_maps_are_no_arenas),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
