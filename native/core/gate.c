// SPDX-License-Identifier: Apache-2.0
#include "gate.h"

#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "attach.h"
#include "log.h"
#include "object.h"
#include "util.h"

#define PIN_PREFIX "gate_programs"

/* Upgrades broken off with gates up: the kernel follows 33 tail calls. */
#define NESTED_MAX 8

/* Where the kernel has no barrier for us: far longer than a packet takes through a program. */
#define SETTLE_US 100000

static const enum gate_slot slots[PROGRAM_TC_MAX] = {
	[PROGRAM_POD_OUT4] = GATE_POD_OUT,       [PROGRAM_POD_OUT6] = GATE_POD_OUT,
	[PROGRAM_POD_IN4] = GATE_POD_IN,         [PROGRAM_POD_IN6] = GATE_POD_IN,
	[PROGRAM_UPLINK_OUT4] = GATE_UPLINK_OUT, [PROGRAM_UPLINK_OUT6] = GATE_UPLINK_OUT,
	[PROGRAM_UPLINK_IN4] = GATE_UPLINK_IN,   [PROGRAM_UPLINK_IN6] = GATE_UPLINK_IN,
};

struct gates {
	struct mapset maps;
	struct program loaded[PROGRAM_TC_MAX];
	bool filled[PROGRAM_TC_MAX]; /* what stood there is in gate_programs */
	enum gate_phase phase;
};

void gates__free(struct gates *gates)
{
	if (!gates)
		return;
	for (int i = 0; i < PROGRAM_TC_MAX; i++)
		fd__close(&gates->loaded[i].fd);
	mapset__close(&gates->maps);
	free(gates);
}

static void gates__cleanup(struct gates **gates)
{
	gates__free(*gates);
}

enum gate_phase gates__phase(const struct gates *gates)
{
	return gates->phase;
}

static int load(struct gates *gates, const struct dataplane *dp, int family)
{
	const struct object_opts opts = { .folder = dp->objects,
		                          .fs = &dp->fs,
		                          .options = &dp->options };
	const struct map *before = formers__flows(dp->formers, family);
	_cleanup_object_ struct bpf_object *object = NULL;
	char name[32];
	int err;

	if (!before)
		return 0;
	snprintf(name, sizeof(name), "gate%d", family);
	err = object__open(name, &opts, &gates->maps, &object);
	if (err)
		return err;
	snprintf(name, sizeof(name), "flows_before%d", family);
	err = bpf_map__reuse_fd(bpf_object__find_map_by_name(object, name), before->fd);
	err = err ?: bpf_object__load(object);
	if (err)
		return log__error(-err, "the kernel refuses gate%d.bpf.o: %s", family,
		                  strerror(-err));
	err = object__adopt_maps(object, &gates->maps);
	for (int i = 0; !err && i < PROGRAM_TC_MAX; i++) {
		if (programs[i].family == family)
			err = object__take_program(object, programs[i].name, &gates->loaded[i]);
	}
	return err;
}

static const struct map *programs_of(const struct gates *gates, int family)
{
	return mapset__find(&gates->maps, family == 4 ? PIN_PREFIX "4" : PIN_PREFIX "6");
}

/* The new programs; those of before are known when their places are. */
static int fill_new(const struct gates *gates, const struct dataplane *dp)
{
	for (int i = 0; i < PROGRAM_TC_MAX; i++) {
		const struct map *array = programs_of(gates, programs[i].family);
		uint32_t slot = slots[i] + 1;
		int err = array ? bpf_map_update_elem(array->fd, &slot, &dp->loaded[i].fd, BPF_ANY)
		                : 0;

		if (err)
			return log__error(-err, "cannot put %s behind its gate: %s",
			                  programs[i].name, strerror(-err));
	}
	return 0;
}

/* An array of programs that no process holds is emptied, unless it is pinned. */
static int pin(const struct gates *gates, const struct bpffs *fs, int family)
{
	const struct map *array = programs_of(gates, family);
	char path[PATH_MAX + 32];
	int err = array ? -EEXIST : 0;

	for (int n = 0; n < NESTED_MAX && err == -EEXIST; n++) {
		snprintf(path, sizeof(path), "%s/maps/" PIN_PREFIX "%d_%d", fs->root, family, n);
		err = bpf_obj_pin(array->fd, path);
	}
	if (err == -EEXIST)
		return log__error(ENOSPC, "%d upgrades were broken off here", NESTED_MAX);
	return err ? log__error(-err, "cannot pin %s: %s", path, strerror(-err)) : 0;
}

int gates__open(struct gates **out, const struct dataplane *dp)
{
	__attribute__((cleanup(gates__cleanup))) struct gates *gates = calloc(1, sizeof(*gates));
	int err;

	if (!gates)
		return -ENOMEM;
	mapset__init(&gates->maps);
	for (int i = 0; i < PROGRAM_TC_MAX; i++)
		gates->loaded[i].fd = -1;
	err = load(gates, dp, 4);
	err = err ?: load(gates, dp, 6);
	err = err ?: fill_new(gates, dp);
	err = err ?: pin(gates, &dp->fs, 4);
	err = err ?: pin(gates, &dp->fs, 6);
	if (!err)
		*out = take_ptr(gates);
	return err;
}

/*
 * All that stand in places of one name do the same, even if they are of different runs: a run that was broken off
 * had not got further than to put gates up, or to replace them.
 */
static int fill_before(struct gates *gates, const struct spot *spot)
{
	const struct map *array = programs_of(gates, programs[spot->program].family);
	uint32_t slot = slots[spot->program];
	_cleanup_fd_ int fd = bpf_prog_get_fd_by_id(spot->prog_id);
	int err = fd < 0 ? fd : bpf_map_update_elem(array->fd, &slot, &fd, BPF_ANY);

	if (!err)
		gates->filled[spot->program] = true;
	return err ? log__error(-err, "cannot put what stands at %s behind its gate: %s",
	                        programs[spot->program].name, strerror(-err))
	           : 0;
}

int gates__put(struct gates *gates, struct dataplane *dp, const struct spots *spots)
{
	for (size_t i = 0; i < spots->n; i++) {
		const struct spot *spot = &spots->list[i];
		const struct program *gate = &gates->loaded[spot->program];
		bool created;
		int err = 0;

		if (spot->program >= PROGRAM_TC_MAX || gate->fd < 0 || spot->prog_id == gate->id ||
		    spot->prog_id == dp->loaded[spot->program].id)
			continue;
		if (!gates->filled[spot->program])
			err = fill_before(gates, spot);
		err = err ?: attach__put(dp, spot->ifindex, spot->program, gate, &created);
		if (err && err != -ENODEV)
			return err;
	}
	return 0;
}

static void settle(void)
{
	if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(SETTLE_US);
}

int gates__turn(struct gates *gates, enum gate_phase phase)
{
	const struct map *map = mapset__find(&gates->maps, "gate_phase");
	uint32_t zero = 0, value = phase;
	int err = bpf_map_update_elem(map->fd, &zero, &value, BPF_ANY);

	if (err)
		return log__error(-err, "cannot turn the gates: %s", strerror(-err));
	gates->phase = phase;
	settle();
	return 0;
}

static int remove_pin(void *ctx, const char *name)
{
	const struct bpffs *fs = ctx;
	char path[PATH_MAX + 300];

	if (strncmp(name, PIN_PREFIX, strlen(PIN_PREFIX)))
		return 0;
	snprintf(path, sizeof(path), "%s/maps/%s", fs->root, name);
	if (unlink(path) && errno != ENOENT)
		return log__error(errno, "cannot remove %s: %s", path, strerror(errno));
	return 0;
}

int gates__unpin(const struct bpffs *fs)
{
	return bpffs__for_each(fs, "maps", remove_pin, (void *)fs);
}
