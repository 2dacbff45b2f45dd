/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MILLRACE_DATAPLANE_INTERNAL_H
#define MILLRACE_DATAPLANE_INTERNAL_H

#include <pthread.h>

#include "bpffs.h"
#include "dataplane.h"
#include "mapset.h"
#include "program.h"

struct formers;
struct gates;

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

	/* Programs of an earlier version stand, or may: dataplane__upgrade() has not been through. */
	bool upgrading;
	bool without_gates; /* the kernel refused them: programs change one after the other */
	struct formers *formers;
	struct gates *gates;
	pthread_mutex_t
		flows_lock; /* half of a flow must not be collected while it is carried over */
};

#endif
