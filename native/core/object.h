/* SPDX-License-Identifier: Apache-2.0 */
/* One compiled BPF object: from the file to loaded programs. */
#ifndef MILLRACE_OBJECT_H
#define MILLRACE_OBJECT_H

#include "mapset.h"
#include "program.h"
#include "wire.h"

struct object_opts {
	const char *folder;                 /* where <name>.bpf.o lies */
	const struct bpffs *fs;             /* where maps are pinned */
	const struct wire_options *options; /* sizes and configuration */
	uint64_t host_cookie;               /* config.host_cookie */
	uint32_t config_flags;              /* enum config_flag */
	bool *refused; /* set if the kernel refuses the programs; NULL = that is an error */
};

struct bpf_object;

void object__cleanup(struct bpf_object **object);
#define _cleanup_object_ __attribute__((cleanup(object__cleanup)))

/*
 * Opens <folder>/<name>.bpf.o as below and loads nothing yet; *@out is to be closed. A map that has a pin
 * is put into @maps.
 */
int object__open(const char *name, const struct object_opts *opts, struct mapset *maps,
                 struct bpf_object **out);

/* Of one that was opened and loaded: its new maps go into @maps, and a program of it into *@out. */
int object__adopt_maps(const struct bpf_object *object, struct mapset *maps);
int object__take_program(const struct bpf_object *object, const char *name, struct program *out);

/*
 * Opens <folder>/<name>.bpf.o, checks that it was built from our abi.h, configures it, gives it the
 * maps that exist, loads it, and puts its programs into @loaded and its new maps into @maps.
 * 0 or -errno; -EPROTO if the object is of another build.
 */
int object__load(const char *name, const struct object_opts *opts, struct mapset *maps,
                 struct program loaded[PROGRAM_MAX]);

#endif
