// SPDX-License-Identifier: Apache-2.0
#include "migrate.h"

#include <string.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "log.h"
#include "util.h"

/* Entries read at a time: more than the kernel has in one bucket. */
#define CHUNK 4096

/* Of any key and any value, before or after. */
#define ENTRY_MAX 1024

static const struct migration *find_step(const struct migration *table, const char *map,
                                         uint32_t version)
{
	for (const struct migration *step = table; step->map; step++) {
		if (!strcmp(step->map, map) && step->from == version)
			return step;
	}
	return NULL;
}

bool migrate__find(const struct migration *table, const struct map *old, uint32_t version,
                   const struct map *new, uint32_t to, struct migrate_path *out)
{
	uint32_t key_size = old->key_size, value_size = old->value_size;
	struct migrate_path path = {};

	for (uint32_t at = version; at < to; at++) {
		const struct migration *step = find_step(table, new->name, at);

		if (!step || path.n == MIGRATE_STEPS_MAX || step->old_key_size != key_size ||
		    step->old_value_size != value_size)
			return false;
		key_size = step->key_size;
		value_size = step->value_size;
		path.steps[path.n++] = step;
	}
	if (!path.n || key_size != new->key_size || value_size != new->value_size ||
	    MAX(key_size, value_size) > ENTRY_MAX)
		return false;
	*out = path;
	return true;
}

/* 0, or 1 if the entry is not carried over. */
static int convert(const struct migrate_path *path, const void *old_key, const void *old_value,
                   void *key, void *value)
{
	char keys[2][ENTRY_MAX], values[2][ENTRY_MAX];
	const struct migration *last = path->steps[path->n - 1];

	for (uint32_t i = 0; i < path->n; i++) {
		const struct migration *step = path->steps[i];
		char *to_key = keys[i & 1], *to_value = values[i & 1];

		memset(to_key, 0, step->key_size);
		memset(to_value, 0, step->value_size);
		if (step->entry(old_key, old_value, to_key, to_value))
			return 1;
		old_key = to_key;
		old_value = to_value;
	}
	memcpy(key, old_key, last->key_size);
	memcpy(value, old_value, last->value_size);
	return 0;
}

/* A map that is read, with room for a part of it. */
struct reading {
	struct map_dump *dump;
	char *keys, *values;
	uint32_t n;
};

static void reading__end(struct reading *reading)
{
	map_dump__free(reading->dump);
	free(reading->keys);
	free(reading->values);
}

static int reading__begin(struct reading *reading, const struct map *map)
{
	reading->keys = calloc(CHUNK, map->key_size);
	reading->values = calloc(CHUNK, map->value_size);
	if (!reading->keys || !reading->values)
		return -ENOMEM;
	return map_dump__open(&reading->dump, map);
}

static int reading__next(struct reading *reading)
{
	return map_dump__next(reading->dump, reading->keys, reading->values, CHUNK, &reading->n);
}

/* Elements of an array are there whether anybody has written them or not. */
static bool is_blank(const struct map *map, const char *value)
{
	return map->type == BPF_MAP_TYPE_ARRAY && !*value &&
	       !memcmp(value, value + 1, map->value_size - 1);
}

/* Arrays know no BPF_NOEXIST. */
static bool is_taken(const struct map *map, const void *key)
{
	char value[ENTRY_MAX];

	return map->type == BPF_MAP_TYPE_ARRAY && !bpf_map_lookup_elem(map->fd, key, value) &&
	       !is_blank(map, value);
}

static int write_entry(const struct map *map, const void *key, const void *value, bool keep,
                       struct migrate_count *count)
{
	bool array = map->type == BPF_MAP_TYPE_ARRAY;
	int err = keep && is_taken(map, key)
	                  ? -EEXIST
	                  : bpf_map_update_elem(map->fd, key, value,
	                                        keep && !array ? BPF_NOEXIST : BPF_ANY);

	count->added += !err;
	count->carried += !err || err == -EEXIST;
	count->dropped += err == -E2BIG;
	return err == -EEXIST || err == -E2BIG ? 0 : err;
}

static int carry_some(const struct migrate_path *path, const struct map *old, const struct map *new,
                      const struct reading *from, bool keep, struct migrate_count *count)
{
	for (uint32_t i = 0; i < from->n; i++) {
		const char *value = from->values + (size_t)i * old->value_size;
		char new_key[ENTRY_MAX], new_value[ENTRY_MAX];
		int err = 0;

		if (is_blank(old, value))
			continue;
		if (convert(path, from->keys + (size_t)i * old->key_size, value, new_key,
		            new_value))
			count->dropped++;
		else
			err = write_entry(new, new_key, new_value, keep, count);
		if (err)
			return log__error(-err, "cannot carry an entry over into the map %s: %s",
			                  new->name, strerror(-err));
	}
	return 0;
}

int migrate__carry(const struct migrate_path *path, const struct map *old, const struct map *new,
                   bool keep, struct migrate_count *count)
{
	__attribute__((cleanup(reading__end))) struct reading from = {};
	struct migrate_count counted = {};
	int err = reading__begin(&from, old);

	err = err ?: reading__next(&from);
	while (!err && from.n) {
		err = carry_some(path, old, new, &from, keep, &counted);
		err = err ?: reading__next(&from);
	}
	if (!err)
		*count = counted;
	return err;
}

int migrate__count(const struct map *map, uint64_t *n)
{
	__attribute__((cleanup(reading__end))) struct reading from = {};
	uint64_t found = 0;
	int err = reading__begin(&from, map);

	err = err ?: reading__next(&from);
	while (!err && from.n) {
		for (uint32_t i = 0; i < from.n; i++)
			found += !is_blank(map, from.values + (size_t)i * map->value_size);
		err = reading__next(&from);
	}
	if (!err)
		*n = found;
	return err;
}
