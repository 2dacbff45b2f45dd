// SPDX-License-Identifier: Apache-2.0
/* Who serves services on this node, and which connections are somebody else's. */
#include "dataplane_internal.h"

#include <string.h>

#include <bpf/bpf.h>

#include "abi.h"
#include "adopt.h"
#include "log.h"
#include "util.h"

/* NULL and a sentence if there is none. */
static const struct map *find_serving(const struct dataplane *dp, uint32_t index)
{
	const struct map *map = index < SERVING_MAX ? mapset__find(&dp->maps, "serving") : NULL;

	if (!map)
		log__line("the objects have no entry %u of serving", index);
	return map;
}

int dataplane__serving(const struct dataplane *dp, uint32_t index)
{
	const struct map *map = find_serving(dp, index);
	uint32_t value;
	int err;

	if (!map)
		return -ENOENT;
	err = bpf_map_lookup_elem(map->fd, &index, &value);
	if (err)
		return log__error(-err, "cannot read serving: %s", strerror(-err));
	return (int)value;
}

int dataplane__set_serving(const struct dataplane *dp, uint32_t index, uint32_t value)
{
	const struct map *map = find_serving(dp, index);
	int err;

	if (!map)
		return -ENOENT;
	err = bpf_map_update_elem(map->fd, &index, &value, BPF_ANY);
	if (err)
		return log__error(-err, "cannot write to serving: %s", strerror(-err));
	return 0;
}

int dataplane__adopt(const struct dataplane *dp, enum wire_adopt what, struct wire_adoption *out)
{
	const struct adopt_maps maps = {
		.flows4 = mapset__find(&dp->maps, "flows4"),
		.flows6 = mapset__find(&dp->maps, "flows6"),
		.svcs4 = mapset__find(&dp->maps, "svcs4"),
		.svcs6 = mapset__find(&dp->maps, "svcs6"),
	};

	if (!maps.flows4 || !maps.flows6 || !maps.svcs4 || !maps.svcs6)
		return log__error(ENOENT, "the objects have no tables of flows and services");
	return adopt__run(&maps, what, out);
}
