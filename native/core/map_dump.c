// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include <bpf/bpf.h>

#include "log.h"
#include "map.h"
#include "util.h"

#define KERNEL_ENOTSUPP 524

struct map_dump {
	const struct map *map;
	bool begun, ended;
	bool one_by_one;  /* the map has no batch command */
	uint32_t visited; /* bounds the walk by keys, which a deletion may send back to the start */
	char position[];  /* the kernel's batch token or the last key; twice, in and out */
};

static size_t token_size(const struct map *map)
{
	return map->key_size > sizeof(uint32_t) ? map->key_size : sizeof(uint32_t);
}

int map_dump__open(struct map_dump **out, const struct map *map)
{
	struct map_dump *dump = calloc(1, sizeof(*dump) + 2 * token_size(map));

	if (!dump)
		return -ENOMEM;
	dump->map = map;
	*out = dump;
	return 0;
}

void map_dump__free(struct map_dump *dump)
{
	free(dump);
}

static int next_batch(struct map_dump *dump, void *keys, void *values, uint32_t room, uint32_t *n)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	char *in = dump->position, *out = in + token_size(dump->map);
	uint32_t count = room;
	int err = bpf_map_lookup_batch(dump->map->fd, dump->begun ? in : NULL, out, keys, values,
	                               &count, &opts);

	if (err && err != -ENOENT)
		return err;
	dump->ended = err == -ENOENT;
	dump->begun = true;
	memcpy(in, out, token_size(dump->map));
	*n = count;
	return 0;
}

static int next_key(struct map_dump *dump, void *keys, void *values, uint32_t room, uint32_t *n)
{
	const struct map *map = dump->map;
	uint32_t found = 0;

	while (found < room && !dump->ended) {
		char *key = (char *)keys + (size_t)found * map->key_size;
		char *value = (char *)values + (size_t)found * map->value_size;
		int err = bpf_map_get_next_key(map->fd, dump->begun ? dump->position : NULL, key);

		if (err == -ENOENT || dump->visited++ >= map->max_entries) {
			dump->ended = true;
			break;
		}
		if (err)
			return err;
		dump->begun = true;
		memcpy(dump->position, key, map->key_size);
		err = bpf_map_lookup_elem(map->fd, key, value);
		if (!err)
			found++;
		else if (err != -ENOENT)
			return err;
	}
	*n = found;
	return 0;
}

static bool lacks_batches(const struct map_dump *dump, int err)
{
	return !dump->begun && (err == -KERNEL_ENOTSUPP || err == -ENOTSUP || err == -EINVAL);
}

int map_dump__next(struct map_dump *dump, void *keys, void *values, uint32_t room, uint32_t *n)
{
	uint32_t found = 0;
	int err = 0;

	/* A chunk may be empty before the end. */
	while (!err && !found && !dump->ended) {
		if (!dump->one_by_one) {
			err = next_batch(dump, keys, values, room, &found);
			if (lacks_batches(dump, err)) {
				dump->one_by_one = true;
				err = 0;
				continue;
			}
		} else {
			err = next_key(dump, keys, values, room, &found);
		}
	}
	if (err)
		return log__error(-err, "cannot read the map %s: %s", dump->map->name,
		                  strerror(-err));
	*n = found;
	return 0;
}
