// SPDX-License-Identifier: Apache-2.0
#include "mapset.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "abi.h"
#include "log.h"
#include "util.h"

/* Maps of abi.h: their versions, and which option sizes them. */
static const struct known_map {
	const char *name;
	uint32_t version;
	int size_offset; /* in wire_options, -1 = the object decides */
} known_maps[] = {
	{ "flows4", ABI_FLOWS_VERSION, offsetof(struct wire_options, flows4) },
	{ "flows6", ABI_FLOWS_VERSION, offsetof(struct wire_options, flows6) },
	{ "svcs4", ABI_SVCS_VERSION, offsetof(struct wire_options, svcs4) },
	{ "svcs6", ABI_SVCS_VERSION, offsetof(struct wire_options, svcs6) },
	{ "slots", ABI_SLOTS_VERSION, offsetof(struct wire_options, slots) },
	{ "backends4", ABI_BACKENDS_VERSION, offsetof(struct wire_options, backends4) },
	{ "backends6", ABI_BACKENDS_VERSION, offsetof(struct wire_options, backends6) },
	{ "endpoints4", ABI_ENDPOINTS_VERSION, offsetof(struct wire_options, endpoints4) },
	{ "endpoints6", ABI_ENDPOINTS_VERSION, offsetof(struct wire_options, endpoints6) },
	{ "cluster4", ABI_CLUSTER_VERSION, -1 },
	{ "cluster6", ABI_CLUSTER_VERSION, -1 },
	{ "ranges4", ABI_RANGES_VERSION, -1 },
	{ "ranges6", ABI_RANGES_VERSION, -1 },
	{ "devs", ABI_DEVS_VERSION, offsetof(struct wire_options, devs) },
	{ "affinity4", ABI_AFFINITY_VERSION, offsetof(struct wire_options, affinity4) },
	{ "affinity6", ABI_AFFINITY_VERSION, offsetof(struct wire_options, affinity6) },
	{ "frags4", ABI_FRAGS_VERSION, -1 },
	{ "frags6", ABI_FRAGS_VERSION, -1 },
	{ "socks4", ABI_SOCKS_VERSION, -1 },
	{ "socks6", ABI_SOCKS_VERSION, -1 },
	{ "sock_last4", ABI_SOCKS_VERSION, -1 },
	{ "sock_last6", ABI_SOCKS_VERSION, -1 },
	{ "sock_tcp4", ABI_SOCKS_VERSION, -1 },
	{ "sock_tcp6", ABI_SOCKS_VERSION, -1 },
	{ "sock_off", ABI_SOCKS_VERSION, -1 },
	{ "room4", ABI_ROOM_VERSION, -1 },
	{ "room6", ABI_ROOM_VERSION, -1 },
	{ "subjects4", ABI_POLICY_VERSION, -1 },
	{ "subjects6", ABI_POLICY_VERSION, -1 },
	{ "peers4", ABI_POLICY_VERSION, -1 },
	{ "peers6", ABI_POLICY_VERSION, -1 },
	{ "blocks4", ABI_POLICY_VERSION, -1 },
	{ "blocks6", ABI_POLICY_VERSION, -1 },
	{ "sets", ABI_POLICY_VERSION, -1 },
	{ "set_peers", ABI_POLICY_VERSION, -1 },
	{ "set_ports", ABI_POLICY_VERSION, -1 },
	{ "port_cells", ABI_POLICY_VERSION, -1 },
	{ "guard", ABI_POLICY_VERSION, -1 },
	{ "events", ABI_POLICY_VERSION, -1 },
	{ "tx_ports", ABI_TX_PORTS_VERSION, -1 },
	{ "next_hops", ABI_NEXT_HOPS_VERSION, -1 },
	{ "vlans", ABI_VLANS_VERSION, -1 },
	{ "drops", ABI_COUNTERS_VERSION, -1 },
	{ "counters", ABI_COUNTERS_VERSION, -1 },
};

static const struct known_map *find_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_maps); i++) {
		if (!strcmp(known_maps[i].name, name))
			return &known_maps[i];
	}
	return NULL;
}

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
	const struct known_map *known = find_known(name);
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

/* Programs that still use a map of another version keep it alive until their link is updated. */
static int remove_other_version(void *ctx, const char *pin)
{
	const struct bpffs *fs = ctx;
	const char *suffix = strrchr(pin, '_');
	const struct known_map *known;
	char name[64], current[80], path[PATH_MAX + 300];

	if (!suffix || suffix - pin >= (ptrdiff_t)sizeof(name))
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)(suffix - pin), pin);
	known = find_known(name);
	if (!known)
		return 0;
	snprintf(current, sizeof(current), "%s_v%u", name, known->version);
	if (!strcmp(current, pin))
		return 0;
	snprintf(path, sizeof(path), "%s/maps/%s", fs->root, pin);
	if (unlink(path) && errno != ENOENT)
		return log__error(errno, "cannot remove %s: %s", path, strerror(errno));
	return 0;
}

int mapset__publish(struct mapset *set, const struct bpffs *fs)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct known_map *known = find_known(set->maps[i].name);
		int err = known && set->maps[i].fresh ? publish_map(&set->maps[i], fs, known) : 0;

		if (err)
			return err;
	}
	return bpffs__for_each(fs, "maps", remove_other_version, (void *)fs);
}
