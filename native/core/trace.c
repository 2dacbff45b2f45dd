// SPDX-License-Identifier: Apache-2.0
#include "dataplane_internal.h"

#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "abi.h"
#include "log.h"
#include "object.h"
#include "run.h"
#include "util.h"

static void mapset__cleanup(struct mapset *set)
{
	mapset__close(set);
}

/* Loads that program of the object and no other: the verifier would look at all four. */
static int load_one(struct bpf_object *object, const char *name, const struct bpf_program **out)
{
	struct bpf_program *program;
	int err;

	*out = NULL;
	bpf_object__for_each_program(program, object) {
		bool wanted = !strcmp(bpf_program__name(program), name);

		err = bpf_program__set_autoload(program, wanted);
		if (err)
			return err;
		if (wanted)
			*out = program;
	}
	if (!*out)
		return log__error(ENOENT, "there is no program %s", name);
	err = bpf_object__load(object);
	if (err)
		return log__error(-err, "the kernel refuses %s: %s", name, strerror(-err));
	return 0;
}

static int run(const struct bpf_object *object, const struct bpf_program *program,
               struct wire_packet *packet, const void *frames, struct trace *out)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, "trace");
	const char *name = bpf_program__name(program);
	const uint32_t zero = 0;
	struct trace found;
	int err = packet__run(bpf_program__fd(program), packet, frames);

	if (err)
		return log__error(-err, "%s cannot be run at device %u: %s", name, packet->ifindex,
		                  strerror(-err));
	if (packet->action)
		return log__error(EPROTO, "%s does not understand the packet", name);
	err = map ? bpf_map_lookup_elem(bpf_map__fd(map), &zero, &found) : -ENOENT;
	if (err)
		return log__error(-err, "cannot read what %s tells: %s", name, strerror(-err));
	*out = found;
	return 0;
}

int dataplane__trace(const struct dataplane *dp, const char *program, struct wire_packet *packet,
                     const void *frames, size_t size, struct trace *out)
{
	const struct object_opts opts = {
		.folder = dp->objects,
		.fs = &dp->fs,
		.options = &dp->options,
		.config_flags = dp->config_flags,
	};
	__attribute__((cleanup(mapset__cleanup))) struct mapset maps;
	_cleanup_object_ struct bpf_object *object = NULL;
	const struct bpf_program *loaded;
	size_t len = strlen(program);
	int err;

	mapset__init(&maps);
	if (!len || (size_t)packet->offset + packet->length > size)
		return -EINVAL;
	/* Who is behind a device is known to the hooks alone; all else is pinned, or a trace's own. */
	err = mapset__lend(&maps, &dp->maps, "senders4")
	              ?: mapset__lend(&maps, &dp->maps, "senders6");
	if (err)
		return err;
	err = object__open(program[len - 1] == '6' ? "trace6" : "trace4", &opts, &maps, &object);
	err = err ?: load_one(object, program, &loaded);
	return err ?: run(object, loaded, packet, frames, out);
}
