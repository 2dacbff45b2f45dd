/* SPDX-License-Identifier: Apache-2.0 */
/* The places on devices where programs of ours stand, of whichever run. */
#ifndef MILLRACE_SPOTS_H
#define MILLRACE_SPOTS_H

#include "dataplane_internal.h"

struct spot {
	uint32_t ifindex;
	enum program_id program; /* tc or XDP */
	uint32_t prog_id;
};

struct spots {
	struct spot *list;
	size_t n, room;
};

void spots__free(struct spots *spots);

/* Lists them, in the order of enum program_id: what translates replies comes first. */
int spots__find(struct spots *spots, struct dataplane *dp);

#endif
