// SPDX-License-Identifier: Apache-2.0
#include "pins.h"

#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "abi.h"
#include "adopt.h"
#include "bpffs.h"
#include "handback.h"
#include "log.h"
#include "map.h"
#include "util.h"

static void map__release(struct map *map)
{
	fd__close(&map->fd);
}

#define _cleanup_map_ __attribute__((cleanup(map__release)))

/* Its descriptor starts at -1. */
static int open_pin(const char *bpffs, const char *name, uint32_t version, struct map *map)
{
	char path[PATH_MAX];
	struct bpffs fs;
	int err = bpffs__at(&fs, bpffs), fd;

	if (err)
		return err;
	bpffs__map_path(&fs, name, version, path);
	fd = bpf_obj_get(path);
	if (fd == -ENOENT)
		return fd;
	if (fd < 0)
		return log__error(-fd, "cannot open the pinned map %s: %s", path, strerror(-fd));
	snprintf(map->name, sizeof(map->name), "%s", name);
	map->fd = fd;
	return map__describe(map, fd);
}

int pins__serving(const char *bpffs, uint32_t index)
{
	_cleanup_map_ struct map map = { .fd = -1 };
	int err = open_pin(bpffs, "serving", ABI_SERVING_VERSION, &map);
	uint32_t value;

	if (!err)
		err = bpf_map_lookup_elem(map.fd, &index, &value);
	return err ?: (int)value;
}

int pins__set_serving(const char *bpffs, uint32_t index, uint32_t value)
{
	_cleanup_map_ struct map map = { .fd = -1 };
	int err = open_pin(bpffs, "serving", ABI_SERVING_VERSION, &map);

	return err ?: bpf_map_update_elem(map.fd, &index, &value, BPF_ANY);
}

int pins__adopt(const char *bpffs, struct wire_adoption *out)
{
	_cleanup_map_ struct map flows4 = { .fd = -1 }, flows6 = { .fd = -1 };
	_cleanup_map_ struct map svcs4 = { .fd = -1 }, svcs6 = { .fd = -1 };
	const struct adopt_maps maps = { &flows4, &flows6, &svcs4, &svcs6 };
	int err = open_pin(bpffs, "flows4", ABI_FLOWS_VERSION, &flows4);

	err = err ?: open_pin(bpffs, "flows6", ABI_FLOWS_VERSION, &flows6);
	err = err ?: open_pin(bpffs, "svcs4", ABI_SVCS_VERSION, &svcs4);
	err = err ?: open_pin(bpffs, "svcs6", ABI_SVCS_VERSION, &svcs6);
	return err ?: adopt__run(&maps, WIRE_ADOPT_FIND, out);
}

int pins__hand_back(const char *bpffs, enum wire_hand what, struct wire_handback *out)
{
	_cleanup_map_ struct map flows4 = { .fd = -1 }, flows6 = { .fd = -1 };
	int err = open_pin(bpffs, "flows4", ABI_FLOWS_VERSION, &flows4);

	err = err ?: open_pin(bpffs, "flows6", ABI_FLOWS_VERSION, &flows6);
	return err ?: handback__run(&flows4, &flows6, what, out);
}
