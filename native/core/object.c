// SPDX-License-Identifier: Apache-2.0
#include "object.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "abi.h"
#include "abi_hash.h"
#include "log.h"
#include "util.h"

void object__cleanup(struct bpf_object **object)
{
	bpf_object__close(*object);
}

static struct bpf_map *find_rodata(const struct bpf_object *object)
{
	static const char suffix[] = ".rodata";
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		const char *name = bpf_map__name(map);
		size_t len = strlen(name);

		if (bpf_map__is_internal(map) && len >= strlen(suffix) &&
		    !strcmp(name + len - strlen(suffix), suffix))
			return map;
	}
	return NULL;
}

/* Where a constant of the object is kept until it is loaded; NULL if it has none of that size. */
static void *find_constant(const struct bpf_object *object, const char *name, size_t size)
{
	const struct btf *btf = bpf_object__btf(object);
	struct bpf_map *map = find_rodata(object);
	const struct btf_type *section;
	size_t data_size;
	char *data = map ? (void *)bpf_map__initial_value(map, &data_size) : NULL;
	__s32 id = btf ? btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC) : -ENOENT;

	if (!data || id < 0)
		return NULL;
	section = btf__type_by_id(btf, (__u32)id);
	for (__u32 i = 0; i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *var = btf_var_secinfos(section) + i;
		const struct btf_type *type = btf__type_by_id(btf, var->type);

		if (!strcmp(btf__name_by_offset(btf, type->name_off), name) && var->size == size &&
		    (size_t)var->offset + size <= data_size)
			return data + var->offset;
	}
	return NULL;
}

static int check_abi(const struct bpf_object *object, const char *path)
{
	const __u64 *hash = find_constant(object, "abi_hash", sizeof(*hash));
	__u64 theirs = 0;

	if (hash)
		memcpy(&theirs, hash, sizeof(theirs));
	if (theirs == ABI_HASH)
		return 0;
	return log__error(
		EPROTO,
		"%s has ABI hash %016llx, the library %016llx: they are of different builds; "
		"use the objects and the library of one distribution",
		path, (unsigned long long)theirs, (unsigned long long)ABI_HASH);
}

static void configure(const struct bpf_object *object, const struct object_opts *opts)
{
	const struct config config = {
		.snat_port_min = opts->options->snat_port_min,
		.snat_port_max = opts->options->snat_port_max,
		.reject_rate = opts->options->reject_rate,
		.host_cookie = opts->host_cookie,
		.flags = opts->config_flags,
	};
	void *place = find_constant(object, "config", sizeof(config));

	/* The collectors have none. */
	if (place)
		memcpy(place, &config, sizeof(config));
}

static int prepare_maps(const struct bpf_object *object, const struct object_opts *opts,
                        struct mapset *maps)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		int err = mapset__prepare(maps, opts->fs, opts->options, map);

		if (err)
			return err;
	}
	return 0;
}

int object__adopt_maps(const struct bpf_object *object, struct mapset *maps)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		int err = mapset__adopt(maps, map);

		if (err)
			return err;
	}
	return 0;
}

int object__take_program(const struct bpf_object *object, const char *name, struct program *out)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(object, name);
	_cleanup_fd_ int fd = -1;
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int err;

	if (!program)
		return log__error(ENOENT, "%s has no program %s", bpf_object__name(object), name);
	fd = fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (err)
		return err;
	out->fd = take_fd(&fd);
	out->id = info.id;
	return 0;
}

static int take_programs(const struct bpf_object *object, const char *name,
                         struct program loaded[PROGRAM_MAX])
{
	for (int i = 0; i < PROGRAM_MAX; i++) {
		int err = 0;

		if (!strcmp(programs[i].object, name))
			err = object__take_program(object, programs[i].name, &loaded[i]);
		if (err)
			return err;
	}
	return 0;
}

int object__open(const char *name, const struct object_opts *opts, struct mapset *maps,
                 struct bpf_object **out)
{
	_cleanup_object_ struct bpf_object *object = NULL;
	char path[PATH_MAX];
	int err;

	if (snprintf(path, sizeof(path), "%s/%s.bpf.o", opts->folder, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	object = bpf_object__open_file(path, NULL);
	if (!object) {
		err = errno;
		return log__error(err, "cannot open the BPF object %s: %s", path, strerror(err));
	}
	err = check_abi(object, path);
	if (err)
		return err;
	configure(object, opts);
	err = prepare_maps(object, opts, maps);
	if (!err)
		*out = take_ptr(object);
	return err;
}

int object__load(const char *name, const struct object_opts *opts, struct mapset *maps,
                 struct program loaded[PROGRAM_MAX])
{
	_cleanup_object_ struct bpf_object *object = NULL;
	int err = object__open(name, opts, maps, &object);

	if (err)
		return err;
	err = bpf_object__load(object);
	if (err) {
		log__line("the kernel refuses %s/%s.bpf.o: %s", opts->folder, name, strerror(-err));
		/* Want of memory says nothing of the kernel, and passes. */
		if (!opts->refused || err == -ENOMEM)
			return err;
		*opts->refused = true;
		return 0;
	}
	err = object__adopt_maps(object, maps);
	return err ?: take_programs(object, name, loaded);
}
