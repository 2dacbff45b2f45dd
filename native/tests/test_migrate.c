// SPDX-License-Identifier: Apache-2.0
/* Entries of older versions of maps: the pure functions, and how whole maps are carried over. */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stddef.h>

#include "migrate.h"
#include "next/next.h"
#include "next/now.h"
#include "support.h"

#define SAME(ours, theirs, member)                                                                 \
	_Static_assert(offsetof(struct ours, member) == offsetof(struct theirs, member) &&         \
	                       sizeof(struct ours) == sizeof(struct theirs),                       \
	               "the layout has changed: so do those of native/tests/next")
SAME(now_flow4, flow4, seen);
SAME(now_flow4, flow4, epoch);
SAME(now_flow6, flow6, seen);
SAME(now_flow6, flow6, epoch);
SAME(now_svc, svc, ranges);
_Static_assert(NOW_FLOWS == ABI_FLOWS_VERSION && NOW_SVCS == ABI_SVCS_VERSION,
               "a version has been raised: so are those of native/tests/next");

static const struct migration *step_of(const char *map)
{
	const struct migration *step = next_migrations;

	while (step->map && strcmp(step->map, map))
		step++;
	CHECK(step->map);
	return step;
}

/* Every byte another one. */
static void fill(void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)bytes)[i] = (unsigned char)(i * 7 + 1);
}

#define CHECK_SAME(left, right, member)                                                            \
	CHECK(!memcmp(&(left).member, &(right).member, sizeof((left).member)))

#define CHECK_FLOW(family)                                                                         \
	do {                                                                                       \
		struct flow##family##_key old_key, key = {};                                       \
		struct now_flow##family old;                                                       \
		struct next_flow##family new = {};                                                 \
                                                                                                   \
		fill(&old_key, sizeof(old_key));                                                   \
		fill(&old, sizeof(old));                                                           \
		CHECK_EQ(step_of("flows" #family)->entry(&old_key, &old, &key, &new), 0);          \
		CHECK(!memcmp(&key, &old_key, sizeof(key)));                                       \
		CHECK_SAME(old, new, seen);                                                        \
		CHECK_SAME(old, new, state);                                                       \
		CHECK_SAME(old, new, flags);                                                       \
		CHECK_SAME(old, new, saddr);                                                       \
		CHECK_SAME(old, new, daddr);                                                       \
		CHECK_SAME(old, new, sport);                                                       \
		CHECK_SAME(old, new, dport);                                                       \
		CHECK_SAME(old, new, addr_csum);                                                   \
		CHECK_SAME(old, new, port_csum);                                                   \
		CHECK_SAME(old, new, svc);                                                         \
		CHECK_SAME(old, new, backend);                                                     \
		CHECK_SAME(old, new, backend_gen);                                                 \
		CHECK_SAME(old, new, epoch);                                                       \
		CHECK_SAME(old, new, in_ifindex);                                                  \
		CHECK_SAME(old, new, out_ifindex);                                                 \
		CHECK(!new.pad && !new.pad2);                                                      \
	} while (0)

static void a_flow_says_the_same_in_the_next_layout(void)
{
	CHECK_FLOW(4);
	CHECK_FLOW(6);
}

static void what_is_new_is_given_a_value(void)
{
	struct flow4_key key = {}, new_key;
	struct now_flow4 old = { .seen = 7 };
	struct next_flow4 new = {};

	CHECK_EQ(step_of("flows4")->entry(&key, &old, &new_key, &new), 0);
	CHECK_EQ(new.born, 7);
	CHECK_EQ(new.pad3, 0);
}

static void a_frontend_says_the_same_in_the_next_layout(void)
{
	struct svc6_key old_key, key = {};
	struct now_svc old;
	struct next_svc new = {};

	fill(&old_key, sizeof(old_key));
	fill(&old, sizeof(old));
	CHECK_EQ(step_of("svcs6")->entry(&old_key, &old, &key, &new), 0);
	CHECK(!memcmp(&key, &old_key, sizeof(key)));
	CHECK_SAME(old, new, id);
	CHECK_SAME(old, new, algo);
	CHECK_SAME(old, new, flags);
	CHECK_SAME(old, new, affinity_s);
	CHECK_SAME(old, new, all);
	CHECK_SAME(old, new, local);
	CHECK_SAME(old, new, ring);
	CHECK_SAME(old, new, ranges);
	CHECK_EQ(new.spare, 0);
}

/* ---- paths ------------------------------------------------------------------------------------- */

/* From 4 bytes to 8, the value doubled; odd values do not go on. */
static int widen(const void *old_key, const void *old_value, void *key, void *value)
{
	uint32_t number;
	uint64_t doubled;

	memcpy(&number, old_value, sizeof(number));
	doubled = 2ULL * number;
	memcpy(key, old_key, 4);
	memcpy(value, &doubled, sizeof(doubled));
	return number & 1;
}

/* One more. */
static int add_one(const void *old_key, const void *old_value, void *key, void *value)
{
	uint64_t number;

	memcpy(&number, old_value, sizeof(number));
	number++;
	memcpy(key, old_key, 4);
	memcpy(value, &number, sizeof(number));
	return 0;
}

static const struct migration steps[] = {
	{ "numbers", 1, 4, 4, 4, 8, widen },
	{ "numbers", 2, 4, 8, 4, 8, add_one },
	{ .map = NULL },
};

static struct map make(__u32 type, uint32_t value_size, uint32_t entries)
{
	struct map map = { .name = "numbers" };

	map.fd = bpf_map_create(type, "numbers", 4, value_size, entries, NULL);
	CHECK(map.fd >= 0);
	CHECK_EQ(map__describe(&map, map.fd), 0);
	return map;
}

static void a_path_has_all_steps_or_there_is_none(void)
{
	const struct map of4 = { .name = "numbers", .key_size = 4, .value_size = 4 };
	const struct map of8 = { .name = "numbers", .key_size = 4, .value_size = 8 };
	const struct map other = { .name = "others", .key_size = 4, .value_size = 8 };
	struct migrate_path path = {};

	CHECK(migrate__find(steps, &of4, 1, &of8, 3, &path));
	CHECK_EQ(path.n, 2);
	CHECK(migrate__find(steps, &of8, 2, &of8, 3, &path));
	CHECK_EQ(path.n, 1);
	/* A step is missing, at either end; another map; sizes that are not what the version had. */
	CHECK(!migrate__find(steps, &of4, 1, &of8, 4, &path));
	CHECK(!migrate__find(steps, &of4, 0, &of8, 3, &path));
	CHECK(!migrate__find(steps, &of4, 1, &other, 3, &path));
	CHECK(!migrate__find(steps, &of8, 1, &of8, 3, &path));
	CHECK(!migrate__find(steps, &of4, 1, &of4, 3, &path));
	CHECK_EQ(path.n, 1);
}

/* ---- whole maps -------------------------------------------------------------------------------- */

static void put(const struct map *map, uint32_t key, uint64_t value)
{
	CHECK_EQ(bpf_map_update_elem(map->fd, &key, &value, BPF_ANY), 0);
}

static uint64_t get(const struct map *map, uint32_t key)
{
	uint64_t value = 0;

	return bpf_map_lookup_elem(map->fd, &key, &value) ? 0 : value;
}

static void entries_take_all_steps(void)
{
	struct map old = make(BPF_MAP_TYPE_HASH, 4, 20000), new = make(BPF_MAP_TYPE_HASH, 8, 20000);
	struct migrate_count count = {};
	struct migrate_path path;
	uint64_t n = 0;

	for (uint32_t i = 0; i < 10000; i++)
		put(&old, i, i);
	CHECK(migrate__find(steps, &old, 1, &new, 3, &path));
	CHECK_EQ(migrate__carry(&path, &old, &new, false, &count), 0);
	CHECK_EQ(count.carried, 5000);
	CHECK_EQ(count.dropped, 5000);
	CHECK_EQ(migrate__count(&new, &n), 0);
	CHECK_EQ(n, 5000);
	for (uint32_t i = 0; i < 10000; i += 2)
		CHECK_EQ(get(&new, i), 2 * i + 1);
}

static void done_again_it_spares_what_is_newer(void)
{
	struct map old = make(BPF_MAP_TYPE_LRU_HASH, 4, 1024),
		   new = make(BPF_MAP_TYPE_LRU_HASH, 8, 1024);
	struct migrate_count count = {};
	struct migrate_path path;

	for (uint32_t i = 0; i < 10; i++)
		put(&old, i, 2 * i + 2);
	CHECK(migrate__find(steps, &old, 1, &new, 3, &path));
	CHECK_EQ(migrate__carry(&path, &old, &new, false, &count), 0);
	put(&new, 3, 99);
	put(&old, 10, 100);
	CHECK_EQ(migrate__carry(&path, &old, &new, true, &count), 0);
	CHECK_EQ(count.carried, 11);
	CHECK_EQ(count.added, 1);
	CHECK_EQ(get(&new, 3), 99);
	CHECK_EQ(get(&new, 10), 201);
	CHECK_EQ(migrate__carry(&path, &old, &new, false, &count), 0);
	CHECK_EQ(get(&new, 3), 2 * 8 + 1);
}

static void a_map_that_is_full_drops_the_rest(void)
{
	struct map old = make(BPF_MAP_TYPE_HASH, 4, 64), new = make(BPF_MAP_TYPE_HASH, 8, 4);
	struct migrate_count count = {};
	struct migrate_path path;

	for (uint32_t i = 0; i < 10; i++)
		put(&old, i, 2);
	CHECK(migrate__find(steps, &old, 1, &new, 3, &path));
	CHECK_EQ(migrate__carry(&path, &old, &new, false, &count), 0);
	CHECK_EQ(count.carried + count.dropped, 10);
	CHECK_EQ(count.carried, 4);
}

static void elements_that_nobody_wrote_are_none(void)
{
	struct map old = make(BPF_MAP_TYPE_ARRAY, 8, 100), new = make(BPF_MAP_TYPE_ARRAY, 8, 100);
	struct migrate_count count = {};
	struct migrate_path path;
	uint64_t n;

	put(&old, 7, 70);
	put(&old, 8, 80);
	put(&new, 8, 5);
	CHECK(migrate__find(steps, &old, 2, &new, 3, &path));
	CHECK_EQ(migrate__count(&old, &n), 0);
	CHECK_EQ(n, 2);
	CHECK_EQ(migrate__carry(&path, &old, &new, true, &count), 0);
	CHECK_EQ(count.carried, 2);
	CHECK_EQ(get(&new, 7), 71);
	CHECK_EQ(get(&new, 8), 5);
	CHECK_EQ(get(&new, 9), 0);
}

int main(void)
{
	static const struct test tests[] = {
		TEST(a_flow_says_the_same_in_the_next_layout),
		TEST(what_is_new_is_given_a_value),
		TEST(a_frontend_says_the_same_in_the_next_layout),
		TEST(a_path_has_all_steps_or_there_is_none),
		TEST(entries_take_all_steps),
		TEST(done_again_it_spares_what_is_newer),
		TEST(a_map_that_is_full_drops_the_rest),
		TEST(elements_that_nobody_wrote_are_none),
	};

	return test__run(tests, ARRAY_SIZE(tests));
}
