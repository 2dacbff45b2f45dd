/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_DATAPLANE_INTERNAL_H
#define MILLRACE_DATAPLANE_INTERNAL_H

#include "bpffs.h"
#include "dataplane.h"
#include "mapset.h"
#include "program.h"

struct dataplane {
	struct bpffs fs;
	struct mapset maps;
	struct arena *slots;
	struct program loaded[PROGRAM_MAX];
	uint32_t features;
	char *xdp_error;     /* what the kernel says to the XDP program, if it refuses it */
	char *sockets_error; /* why the socket programs are not loaded */

	/* As it was opened, for objects that are loaded later. */
	char *objects;
	struct wire_options options;
	uint32_t config_flags;
};

#endif
