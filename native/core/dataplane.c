// SPDX-License-Identifier: Apache-2.0
#include "dataplane_internal.h"

#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "abi.h"
#include "arena.h"
#include "former.h"
#include "gate.h"
#include "log.h"
#include "object.h"
#include "room.h"
#include "sockets.h"
#include "tcx.h"
#include "util.h"

static const char *const objects[] = { "pod_tc4",    "pod_tc6", "uplink_tc4",
	                               "uplink_tc6", "gc4",     "gc6" };
/*
 * What a kernel may refuse, and the node then does without: XDP is an acceleration, ending sockets
 * needs a kfunc. Of each all objects or none.
 */
static const struct optional {
	uint32_t feature;
	uint32_t serves; /* another feature, without which it is of no use */
	const char *objects[2];
} optionals[] = {
	{ WIRE_FEATURE_XDP, 0, { "uplink_xdp" } },
	{ WIRE_FEATURE_SOCK_DESTROY, WIRE_FEATURE_SOCKETS, { "sock_end4", "sock_end6" } },
};

/* Zeroes mean: the defaults of the objects. The configuration has no default there. */
static const struct wire_options default_options = {
	.snat_port_min = 20000,
	.snat_port_max = 29999,
	.reject_rate = 1000,
};

static void dataplane__cleanup_ptr(struct dataplane **dp)
{
	dataplane__free(*dp);
}

static struct dataplane *dataplane__new(void)
{
	struct dataplane *dp = calloc(1, sizeof(*dp));

	if (!dp)
		return NULL;
	dp->formers = calloc(1, sizeof(*dp->formers));
	if (!dp->formers) {
		free(dp);
		return NULL;
	}
	pthread_mutex_init(&dp->flows_lock, NULL);
	mapset__init(&dp->maps);
	for (int i = 0; i < PROGRAM_MAX; i++)
		dp->loaded[i].fd = -1;
	return dp;
}

static int probe(struct dataplane *dp, uint32_t without)
{
	bool tcx;
	int err = tcx__probe(&tcx);

	if (!err && tcx)
		dp->features |= WIRE_FEATURE_TCX & ~without;
	return err;
}

static int load(struct dataplane *dp, const struct object_opts *opts)
{
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		int err = object__load(objects[i], opts, &dp->maps, dp->loaded);

		if (err)
			return err;
	}
	return 0;
}

/* Keeps what the kernel says to the XDP program; to miss the others is usual. */
static int go_without(struct dataplane *dp, const struct optional *optional)
{
	if (optional->feature == WIRE_FEATURE_XDP) {
		dp->xdp_error = strdup(log__text());
		if (!dp->xdp_error)
			return -ENOMEM;
	}
	log__reset();
	return 0;
}

/* A missing or foreign object is a fault of the distribution, and an error all the same. */
static int load_optional(struct dataplane *dp, const struct object_opts *opts,
                         const struct optional *optional)
{
	struct object_opts with = *opts;
	bool refused = false;

	if (opts->options->without & optional->feature || optional->serves & ~dp->features)
		return 0;
	log__reset();
	with.refused = &refused;
	for (size_t i = 0; i < ARRAY_SIZE(optional->objects) && optional->objects[i]; i++) {
		int err = object__load(optional->objects[i], &with, &dp->maps, dp->loaded);

		if (err || refused)
			return err ?: go_without(dp, optional);
	}
	dp->features |= optional->feature;
	return 0;
}

static int load_sockets(struct dataplane *dp, const struct object_opts *opts)
{
	struct object_opts with = *opts;
	uint32_t without = opts->options->without;
	int retval;

	if (without & WIRE_FEATURE_SOCKETS)
		return 0;
	with.host_cookie = sockets__host_cookie();
	retval = without & WIRE_FEATURE_SET_RETVAL ? 0 : sockets__knows_retval();
	if (retval < 0)
		return retval;
	if (retval)
		with.config_flags |= CONFIG_SET_RETVAL;
	return sockets__load(dp, &with);
}

static int open_slots(struct dataplane *dp)
{
	const struct map *map = mapset__find(&dp->maps, "slots");

	if (!map)
		return log__error(ENOENT, "the objects have no map slots");
	return arena__open(&dp->slots, map);
}

/* Everything works: only now may others find it. */
static int publish(struct dataplane *dp, const struct migration *table)
{
	int err;

	formers__plan(dp->formers, table, &dp->maps);
	err = formers__carry_agents(dp->formers, &dp->maps);
	return err ?: mapset__publish(&dp->maps, &dp->fs, false);
}

int dataplane__open(struct dataplane **out, const struct dataplane_opts *opts)
{
	__attribute__((cleanup(dataplane__cleanup_ptr))) struct dataplane *dp = NULL;
	const char *bpffs = OPTS_OR(opts, bpffs, NULL), *folder = OPTS_OR(opts, objects, NULL);
	const struct wire_options *options = OPTS_OR(opts, options, NULL) ?: &default_options;
	struct object_opts object = { .folder = folder, .options = options };
	int err;

	if (!bpffs || !folder)
		return -EINVAL;
	log__install();
	dp = dataplane__new();
	if (!dp)
		return -ENOMEM;
	object.fs = &dp->fs;
	dp->options = *options;
	dp->objects = strdup(folder);
	if (!dp->objects)
		return -ENOMEM;
	if (!(options->without & WIRE_FEATURE_DIRECT)) {
		object.config_flags |= CONFIG_DIRECT;
		dp->features |= WIRE_FEATURE_DIRECT;
	}
	dp->config_flags = object.config_flags;
	err = bpffs__ensure(&dp->fs, bpffs);
	err = err ?: formers__find(dp->formers, &dp->fs);
	dp->upgrading = dp->formers->n;
	err = err ?: probe(dp, options->without);
	err = err ?: load(dp, &object);
	err = err ?: load_sockets(dp, &object);
	for (size_t i = 0; i < ARRAY_SIZE(optionals); i++)
		err = err ?: load_optional(dp, &object, &optionals[i]);
	err = err ?: open_slots(dp);
	err = err ?: publish(dp, OPTS_OR(opts, migrations, NULL) ?: migrations);
	if (err)
		return err;
	*out = take_ptr(dp);
	return 0;
}

void dataplane__free(struct dataplane *dp)
{
	if (!dp)
		return;
	arena__free(dp->slots);
	for (int i = 0; i < PROGRAM_MAX; i++)
		fd__close(&dp->loaded[i].fd);
	mapset__close(&dp->maps);
	gates__free(dp->gates);
	formers__close_maps(dp->formers);
	free(dp->formers);
	pthread_mutex_destroy(&dp->flows_lock);
	free(dp->objects);
	free(dp->xdp_error);
	free(dp->sockets_error);
	free(dp);
}

uint32_t dataplane__features(const struct dataplane *dp)
{
	return dp->features;
}

const struct map *dataplane__map(const struct dataplane *dp, const char *name)
{
	return mapset__find(&dp->maps, name);
}

struct arena *dataplane__slots(const struct dataplane *dp)
{
	return dp->slots;
}

/* The programs that stand have a table of their own, and share `room`, of which ours know nothing. */
static void collect_nothing(struct gc_args *args)
{
	args->pressure = args->oldest = 0;
	args->scanned = args->live = args->expired = args->orphans = 0;
	args->left = args->limit;
}

static int collect(struct dataplane *dp, enum program_id program, struct gc_args *run)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = run, .ctx_size_in = sizeof(*run));
	int err = bpf_prog_test_run_opts(dp->loaded[program].fd, &opts);

	if (!err && opts.retval)
		err = (int)opts.retval < 0 ? (int)opts.retval : -EPROTO;
	if (err)
		return log__error(-err, "%s failed: %s", programs[program].name, strerror(-err));
	return 0;
}

int dataplane__gc(struct dataplane *dp, int family, struct gc_args *args)
{
	const struct map *flows = mapset__find(&dp->maps, family == 4 ? "flows4" : "flows6");
	int cpus = libbpf_num_possible_cpus(), err = 0;
	struct gc_args run = *args;

	if (cpus < 0)
		return log__error(-cpus, "cannot count the CPUs: %s", strerror(-cpus));
	room__plan(flows->max_entries, (uint32_t)cpus, &run);
	pthread_mutex_lock(&dp->flows_lock);
	if (dp->upgrading)
		collect_nothing(&run);
	else
		err = collect(dp, family == 4 ? PROGRAM_GC4 : PROGRAM_GC6, &run);
	pthread_mutex_unlock(&dp->flows_lock);
	if (!err)
		*args = run;
	return err;
}

int dataplane__repin(struct dataplane *dp)
{
	struct bpffs fs;
	int err = bpffs__ensure(&fs, dp->fs.root);

	return err ?: mapset__repin(&dp->maps, &dp->fs);
}

int dataplane__room(const struct dataplane *dp, int family, struct room *room)
{
	const char *name = family == 4 ? "room4" : "room6";
	const struct map *map = mapset__find(&dp->maps, name);
	const uint32_t zero = 0;
	struct room found;
	int err = map ? bpf_map_lookup_elem(map->fd, &zero, &found) : -ENOENT;

	if (err)
		return log__error(-err, "cannot read %s: %s", name, strerror(-err));
	*room = found;
	return 0;
}
