/* SPDX-License-Identifier: Apache-2.0 */
/* One tc program at its place on a device, by a link or a filter: whichever the dataplane uses. */
#ifndef MILLRACE_ATTACH_H
#define MILLRACE_ATTACH_H

#include "dataplane_internal.h"

/* Puts @loaded in the place of @program, of whose name it is. *@created: nothing stood there. */
int attach__put(struct dataplane *dp, uint32_t ifindex, enum program_id program,
                const struct program *loaded, bool *created);

/* The id of what stands there, or -ENOENT. */
int attach__query(struct dataplane *dp, uint32_t ifindex, enum program_id program,
                  uint32_t *prog_id);

#endif
