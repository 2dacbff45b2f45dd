// SPDX-License-Identifier: Apache-2.0
#include "map.h"

#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "log.h"
#include "util.h"

/* Of the kernel, not in the C library: an operation that this kind of map does not have. */
#define KERNEL_ENOTSUPP 524

static bool lacks_batches(int err)
{
	return err == -KERNEL_ENOTSUPP || err == -ENOTSUP || err == -EINVAL;
}

int map__describe(struct map *map, int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(fd, &info, &len);

	if (err)
		return err;
	map->type = info.type;
	map->flags = info.map_flags;
	map->key_size = info.key_size;
	map->value_size = info.value_size;
	map->max_entries = info.max_entries;
	return 0;
}

static const void *at(const void *items, uint32_t size, uint32_t index)
{
	return (const char *)items + (size_t)size * index;
}

static int update_one_by_one(const struct map *map, const void *keys, const void *values,
                             uint32_t n, uint32_t *applied)
{
	int err = 0;

	for (*applied = 0; *applied < n; ++*applied) {
		err = bpf_map_update_elem(map->fd, at(keys, map->key_size, *applied),
		                          at(values, map->value_size, *applied), BPF_ANY);
		if (err)
			break;
	}
	return err;
}

int map__update(const struct map *map, const void *keys, const void *values, uint32_t n,
                uint32_t *applied)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	uint32_t count = n;
	int err;

	*applied = 0;
	if (!n)
		return 0;
	err = bpf_map_update_batch(map->fd, keys, values, &count, &opts);
	if (!err) {
		*applied = n;
		return 0;
	}
	/* The kernel writes the count only once it has begun: untouched means that nothing was done. */
	if (count < n) {
		*applied = count;
		return err;
	}
	return lacks_batches(err) ? update_one_by_one(map, keys, values, n, applied) : err;
}

static int delete_one_by_one(const struct map *map, const void *keys, uint32_t n, uint32_t *applied)
{
	int err = 0;

	for (*applied = 0; *applied < n; ++*applied) {
		err = bpf_map_delete_elem(map->fd, at(keys, map->key_size, *applied));
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

int map__delete(const struct map *map, const void *keys, uint32_t n, uint32_t *applied)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);

	*applied = 0;
	while (*applied < n) {
		const void *rest = at(keys, map->key_size, *applied);
		uint32_t left = n - *applied, count = left;
		int err = bpf_map_delete_batch(map->fd, rest, &count, &opts);

		if (!err) {
			*applied = n;
		} else if (count < left) {
			*applied += count;
			if (err != -ENOENT)
				return err;
			++*applied; /* the missing one, which ended the batch */
		} else if (lacks_batches(err)) {
			uint32_t done;

			err = delete_one_by_one(map, rest, left, &done);
			*applied += done;
			return err;
		} else {
			return err;
		}
	}
	return 0;
}

int map__sum_percpu(const struct map *map, uint32_t index, uint64_t *sums, size_t n)
{
	int cpus = libbpf_num_possible_cpus();
	size_t stride = (map->value_size + 7) / 8; /* the kernel's padding between CPUs */
	_cleanup_free_ uint64_t *values = NULL;
	int err;

	if (cpus < 0)
		return cpus;
	if (n > stride)
		return -EINVAL;
	values = calloc((size_t)cpus * stride, sizeof(*values));
	if (!values)
		return -ENOMEM;
	err = bpf_map_lookup_elem(map->fd, &index, values);
	if (err)
		return log__error(-err, "cannot read entry %u of %s: %s", index, map->name,
		                  strerror(-err));
	memset(sums, 0, n * sizeof(*sums));
	for (size_t cpu = 0; cpu < (size_t)cpus; cpu++) {
		for (size_t i = 0; i < n; i++)
			sums[i] += values[cpu * stride + i];
	}
	return 0;
}
