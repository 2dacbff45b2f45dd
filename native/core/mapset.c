// SPDX-License-Identifier: Apache-2.0
#include "mapset.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "known_map.h"
#include "log.h"
#include "util.h"

void mapset__init(struct mapset *set)
{
	memset(set, 0, sizeof(*set));
}

void mapset__close(struct mapset *set)
{
	for (size_t i = 0; i < set->n; i++)
		fd__close(&set->maps[i].fd);
	mapset__init(set);
}

const struct map *mapset__find(const struct mapset *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++) {
		if (!strcmp(set->maps[i].name, name))
			return &set->maps[i];
	}
	return NULL;
}

/* Takes over @fd whether it succeeds or not. */
static int add(struct mapset *set, const char *name, int fd, bool fresh)
{
	_cleanup_fd_ int owned = fd;
	struct map *map = &set->maps[set->n];
	int err;

	if (set->n == MAPSET_MAX)
		return log__error(E2BIG, "the objects have more than %d maps", MAPSET_MAX);
	memset(map, 0, sizeof(*map));
	snprintf(map->name, sizeof(map->name), "%s", name);
	err = map__describe(map, fd);
	if (err)
		return log__error(-err, "cannot ask for the map %s: %s", name, strerror(-err));
	map->fd = take_fd(&owned);
	map->fresh = fresh;
	set->n++;
	return 0;
}

static uint32_t size_option(const struct known_map *known, const struct wire_options *options)
{
	return known->size_offset < 0
	               ? 0
	               : *(const uint32_t *)((const char *)options + known->size_offset);
}

/* Flags of a map as they were asked for. */
static uint32_t asked_flags(const struct map *map)
{
	/* The kernel adds one to device maps. */
	return map->type == BPF_MAP_TYPE_DEVMAP_HASH ? map->flags & ~BPF_F_RDONLY_PROG : map->flags;
}

/* Says what differs between the map and what the object needs; the number of entries may. */
static int check_shape(const struct map *map, const struct bpf_map *wanted)
{
	const struct {
		const char *what;
		uint32_t has, needs;
	} shape[] = {
		{ "type", map->type, bpf_map__type(wanted) },
		{ "key size", map->key_size, bpf_map__key_size(wanted) },
		{ "value size", map->value_size, bpf_map__value_size(wanted) },
		{ "flags", asked_flags(map), bpf_map__map_flags(wanted) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(shape); i++) {
		if (shape[i].has != shape[i].needs)
			return log__error(
				ESTALE,
				"the map %s that is in use has %s %u, this build needs %u: "
				"run `millrace cleanup` of the other build first",
				map->name, shape[i].what, shape[i].has, shape[i].needs);
	}
	return 0;
}

/* Opens the pin, if there is one that can serve. */
static int open_pin(struct mapset *set, const struct bpffs *fs, const struct known_map *known,
                    const struct bpf_map *wanted)
{
	char path[PATH_MAX];
	struct map pinned = { .fd = -1 };
	int fd, err;

	bpffs__map_path(fs, known->name, known->version, path);
	fd = bpf_obj_get(path);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return log__error(-fd, "cannot open the pinned map %s: %s", path, strerror(-fd));
	err = map__describe(&pinned, fd);
	/*
	 * Statistics that grew with an upgrade begin anew: the old array lacks the new entries. So
	 * do other maps that no option sizes, and that live for a moment.
	 */
	if (!err && known->size_offset < 0 && pinned.max_entries != bpf_map__max_entries(wanted)) {
		close(fd);
		return 0;
	}
	return add(set, known->name, fd, false);
}

int mapset__prepare(struct mapset *set, const struct bpffs *fs, const struct wire_options *options,
                    struct bpf_map *map)
{
	const char *name = bpf_map__name(map);
	const struct known_map *known = known_map__find(name);
	const struct map *have;
	int err = 0;

	if (bpf_map__is_internal(map))
		return 0;
	if (known && size_option(known, options))
		err = bpf_map__set_max_entries(map, size_option(known, options));
	if (!err && known && !mapset__find(set, name))
		err = open_pin(set, fs, known, map);
	have = mapset__find(set, name);
	if (err || !have)
		return err;
	err = check_shape(have, map);
	return err ?: bpf_map__reuse_fd(map, have->fd);
}

int mapset__adopt(struct mapset *set, const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);
	int fd;

	if (bpf_map__is_internal(map) || mapset__find(set, name))
		return 0;
	fd = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	return add(set, name, fd, true);
}

static int publish_map(struct map *map, const struct bpffs *fs, const struct known_map *known)
{
	char path[PATH_MAX];
	int err;

	bpffs__map_path(fs, known->name, known->version, path);
	if (unlink(path) && errno != ENOENT)
		return log__error(errno, "cannot replace %s: %s", path, strerror(errno));
	err = bpf_obj_pin(map->fd, path);
	if (err)
		return log__error(-err, "cannot pin %s: %s", path, strerror(-err));
	map->fresh = false;
	return 0;
}

int mapset__lend(struct mapset *set, const struct mapset *from, const char *name)
{
	const struct map *map = mapset__find(from, name);
	int fd;

	if (!map)
		return 0;
	fd = fcntl(map->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return log__error(errno, "cannot lend the map %s: %s", name, strerror(errno));
	return add(set, name, fd, false);
}

void mapset__hold(struct mapset *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++) {
		if (!strcmp(set->maps[i].name, name))
			set->maps[i].held = true;
	}
}

int mapset__publish(struct mapset *set, const struct bpffs *fs, bool late)
{
	for (size_t i = 0; i < set->n; i++) {
		struct map *map = &set->maps[i];
		const struct known_map *known = known_map__find(map->name);
		int err = 0;

		if (known && map->fresh && (late || !map->held))
			err = publish_map(map, fs, known);
		if (err)
			return err;
	}
	return 0;
}

/* Whether the pin leads to this very map: maps, programs and links have ids of their own each. */
static bool is_pinned(const struct map *map, const char *path)
{
	struct bpf_map_info ours = {}, pinned = {};
	uint32_t len = sizeof(ours), pinned_len = sizeof(pinned);
	_cleanup_fd_ int fd = bpf_obj_get(path);

	return fd >= 0 && !bpf_obj_get_info_by_fd(map->fd, &ours, &len) &&
	       !bpf_obj_get_info_by_fd(fd, &pinned, &pinned_len) && len == pinned_len &&
	       !memcmp(&ours, &pinned, len);
}

int mapset__repin(struct mapset *set, const struct bpffs *fs)
{
	int n = 0, first = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct known_map *known = known_map__find(set->maps[i].name);
		char path[PATH_MAX];
		int err;

		if (!known || set->maps[i].fresh)
			continue;
		bpffs__map_path(fs, known->name, known->version, path);
		if (is_pinned(&set->maps[i], path))
			continue;
		err = publish_map(&set->maps[i], fs, known);
		first = first ?: err;
		n += !err;
	}
	return first ?: n;
}
