// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "objects.h"

static const char *const table_names[TABLE_MAX] = {
	[FLOWS4] = "flows4",         [FLOWS6] = "flows6",       [FRAGS4] = "frags4",
	[FRAGS6] = "frags6",         [SVCS4] = "svcs4",         [SVCS6] = "svcs6",
	[BACKENDS4] = "backends4",   [BACKENDS6] = "backends6", [ENDPOINTS4] = "endpoints4",
	[ENDPOINTS6] = "endpoints6", [CLUSTER4] = "cluster4",   [CLUSTER6] = "cluster6",
	[SLOTS] = "slots",           [DEVS] = "devs",           [ROOM4] = "room4",
	[ROOM6] = "room6",           [DROPS] = "drops",         [COUNTERS] = "counters",
	[TX_PORTS] = "tx_ports",     [VLANS] = "vlans",         [TRUNKS] = "trunks",
	[AFFINITY4] = "affinity4",   [AFFINITY6] = "affinity6", [RANGES4] = "ranges4",
	[RANGES6] = "ranges6",       [HOPS] = "next_hops",      [SUBJECTS4] = "subjects4",
	[SUBJECTS6] = "subjects6",   [PEERS4] = "peers4",       [PEERS6] = "peers6",
	[BLOCKS4] = "blocks4",       [BLOCKS6] = "blocks6",     [SETS] = "sets",
	[SET_PEERS] = "set_peers",   [SET_PORTS] = "set_ports", [PORT_CLASSES] = "port_cells",
	[GUARD_TABLE] = "guard",     [EVENTS] = "events",       [SENDERS4] = "senders4",
	[SENDERS6] = "senders6",     [SERVING] = "serving",
};

static const char *const program_names[PROGRAM_MAX] = {
	[POD_IN] = "pod_in",         [POD_OUT] = "pod_out",       [UPLINK_IN] = "uplink_in",
	[UPLINK_OUT] = "uplink_out", [UPLINK_XDP] = "uplink_xdp", [GC] = "gc",
};

/* What is loaded together. */
struct family {
	const char *objects[OBJECT_MAX];
	const char *prefix; /* of the programs' names */
};

static const struct family hooks = {
	{ "pod_tc4", "pod_tc6", "uplink_tc4", "uplink_tc6", "gc4", "gc6", "uplink_xdp" },
	"",
};

static const struct family trace = { { "trace4", "trace6" }, "trace_" };

const char *program_name(enum program program)
{
	return program_names[program];
}

const char *table_name(enum table table)
{
	return table_names[table];
}

static int print_warnings(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

/* How many entries a new map gets; 0 = as many as it asks for. */
static uint32_t table_size(const struct sizes *sizes, const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);
	enum bpf_map_type type = bpf_map__type(map);
	bool hash = type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH;

	if (!strncmp(name, "flows", 5))
		return sizes->flows;
	if (!strncmp(name, "svcs", 4))
		return sizes->svcs;
	if (!strcmp(name, "slots"))
		return sizes->slots;
	if (!strncmp(name, "backends", 8))
		return sizes->backends;
	return hash && bpf_map__max_entries(map) > sizes->hashes ? sizes->hashes : 0;
}

static long rodata_offset(struct bpf_object *object, const char *name)
{
	struct btf *btf = bpf_object__btf(object);
	int id = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	const struct btf_type *sec = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (uint32_t i = 0; sec && i < btf_vlen(sec); i++) {
		const struct btf_var_secinfo *var = &btf_var_secinfos(sec)[i];
		const struct btf_type *type = btf__type_by_id(btf, var->type);

		if (!strcmp(btf__name_by_offset(btf, type->name_off), name))
			return var->offset;
	}
	return -1;
}

/* Sets the object's configuration, if it has one: gc has none. */
static int config_set(struct bpf_object *object, const struct config *config)
{
	long offset = rodata_offset(object, "config");
	struct bpf_map *map;

	if (offset < 0)
		return 0;
	bpf_object__for_each_map(map, object) {
		uint8_t *value;
		size_t size;

		if (!strstr(bpf_map__name(map), ".rodata"))
			continue;
		value = (void *)bpf_map__initial_value(map, &size);
		if (!value || offset + sizeof(*config) > size)
			return -1;
		memcpy(value + offset, config, sizeof(*config));
		return 0;
	}
	return -1;
}

static enum table table_find(const char *name)
{
	enum table t = 0;

	while (t < TABLE_MAX && strcmp(name, table_names[t]))
		t++;
	return t;
}

static int maps_prepare(struct objects *o, struct bpf_object *object, const struct sizes *sizes)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		enum table t = table_find(bpf_map__name(map));
		uint32_t size = sizes ? table_size(sizes, map) : 0;
		int err = 0;

		if (t < TABLE_MAX && o->table[t] >= 0)
			err = bpf_map__reuse_fd(map, o->table[t]);
		else if (size)
			err = bpf_map__set_max_entries(map, size);
		if (err) {
			fprintf(stderr, "objects: map %s: %s\n", bpf_map__name(map),
			        strerror(-err));
			return -1;
		}
	}
	return 0;
}

static void maps_collect(struct objects *o, struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		enum table t = table_find(bpf_map__name(map));

		if (t < TABLE_MAX && o->table[t] < 0)
			o->table[t] = dup(bpf_map__fd(map));
	}
}

static void programs_collect(struct objects *o, struct bpf_object *object, const char *prefix)
{
	for (int p = 0; p < PROGRAM_MAX; p++) {
		for (int f = 0; f < 2; f++) {
			const char *family = p == UPLINK_XDP ? "" : f ? "6" : "4";
			struct bpf_program *program;
			char name[32];

			snprintf(name, sizeof(name), "%s%s%s", prefix, program_names[p], family);
			program = bpf_object__find_program_by_name(object, name);
			if (program)
				o->program[p][f] = bpf_program__fd(program);
		}
	}
}

static void *file_read(const char *path, size_t *size)
{
	FILE *f = fopen(path, "r");
	void *data = NULL;
	struct stat stat;

	if (f && !fstat(fileno(f), &stat)) {
		*size = stat.st_size;
		data = malloc(*size);
		if (data && fread(data, 1, *size, f) != *size) {
			free(data);
			data = NULL;
		}
	}
	if (f)
		fclose(f);
	return data;
}

static struct bpf_object *object_open(const char *path)
{
	struct bpf_object *object = NULL;
	size_t size;
	void *elf = file_read(path, &size);

	if (elf && !clock_apply(elf, size))
		object = bpf_object__open_mem(elf, size, NULL);
	free(elf);
	return object;
}

static int object_load(struct objects *o, const struct family *family, int i, const char *dir,
                       const struct config *config, const struct sizes *sizes)
{
	char path[512];
	int err;

	snprintf(path, sizeof(path), "%s/%s.bpf.o", dir, family->objects[i]);
	o->object[i] = object_open(path);
	if (!o->object[i]) {
		fprintf(stderr, "objects: cannot open %s: %s\n", path, strerror(errno));
		return -1;
	}
	if (config_set(o->object[i], config)) {
		fprintf(stderr, "objects: cannot configure %s\n", path);
		return -1;
	}
	if (maps_prepare(o, o->object[i], sizes))
		return -1;
	err = bpf_object__load(o->object[i]);
	if (err) {
		fprintf(stderr, "objects: cannot load %s: %s\n", path, strerror(-err));
		return -1;
	}
	maps_collect(o, o->object[i]);
	programs_collect(o, o->object[i], family->prefix);
	return 0;
}

static int objects_load_all(struct objects *o, const struct family *family, const char *dir,
                            const struct config *config, const struct sizes *sizes)
{
	libbpf_set_print(print_warnings);
	o->cpus = libbpf_num_possible_cpus();
	memset(o->program, -1, sizeof(o->program));
	for (int i = 0; i < OBJECT_MAX && family->objects[i]; i++)
		if (object_load(o, family, i, dir, config, sizes))
			return -1;
	for (int t = 0; t < TABLE_MAX; t++) {
		if (o->table[t] < 0) {
			fprintf(stderr, "objects: no object has a map %s\n", table_names[t]);
			return -1;
		}
	}
	return 0;
}

int objects_load(struct objects *o, const char *dir, const struct config *config,
                 const struct sizes *sizes)
{
	*o = (struct objects){};
	memset(o->table, -1, sizeof(o->table));
	return objects_load_all(o, &hooks, dir, config, sizes);
}

int objects_load_beside(struct objects *o, const char *dir, const struct config *config,
                        const struct objects *other)
{
	*o = (struct objects){};
	for (int t = 0; t < TABLE_MAX; t++)
		o->table[t] = dup(other->table[t]);
	return objects_load_all(o, &hooks, dir, config, NULL);
}

int objects_load_tight(struct objects *o, const char *dir, const struct config *config,
                       const struct objects *other)
{
	*o = (struct objects){};
	for (int t = 0; t < TABLE_MAX; t++)
		o->table[t] = t == FLOWS4 || t == FLOWS6 ? -1 : dup(other->table[t]);
	o->table[FLOWS4] = bpf_map_create(BPF_MAP_TYPE_HASH, "flows4", sizeof(struct flow4_key),
	                                  sizeof(struct flow4), 1, NULL);
	o->table[FLOWS6] = bpf_map_create(BPF_MAP_TYPE_HASH, "flows6", sizeof(struct flow6_key),
	                                  sizeof(struct flow6), 1, NULL);
	return objects_load_all(o, &hooks, dir, config, NULL);
}

int objects_load_trace(struct objects *o, const char *dir, const struct config *config,
                       const struct objects *other)
{
	*o = (struct objects){};
	for (int t = 0; t < TABLE_MAX; t++)
		o->table[t] = dup(other->table[t]);
	return objects_load_all(o, &trace, dir, config, NULL);
}

int objects_trace_map(const struct objects *o, int family)
{
	return bpf_object__find_map_fd_by_name(o->object[family == AF_INET6], "trace");
}

void objects_reset_private(struct objects *o)
{
	static const char *const names[] = { "reject_bucket", "event_bucket", "room_cpu4",
		                             "room_cpu6" };
	static const uint8_t zero[256 * 64];
	uint32_t key = 0;

	for (int i = 0; i < OBJECT_MAX && o->object[i]; i++) {
		for (uint32_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			struct bpf_map *map = bpf_object__find_map_by_name(o->object[i], names[n]);

			if (map)
				bpf_map_update_elem(bpf_map__fd(map), &key, zero, BPF_ANY);
		}
	}
}

void objects_close(struct objects *o)
{
	for (int i = 0; i < OBJECT_MAX; i++)
		bpf_object__close(o->object[i]);
	for (int t = 0; t < TABLE_MAX; t++)
		if (o->table[t] >= 0)
			close(o->table[t]);
}
