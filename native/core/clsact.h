/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs on devices as clsact filters, for kernels without tcx. A filter stays until it is
 * removed; nothing is pinned. Handle and priority are fixed, so replacing one is atomic.
 */
#ifndef MILLRACE_CLSACT_H
#define MILLRACE_CLSACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "program.h"

/*
 * Puts the program on the device, in the place of an older one. *@created tells whether there was
 * none. -EBUSY if a filter that is not ours has our handle and priority.
 */
int clsact__attach(uint32_t ifindex, enum program_id program, int prog_fd, bool *created);

/* The id of the program that stands there under this name, or -ENOENT. */
int clsact__query(uint32_t ifindex, enum program_id program, uint32_t *prog_id);

/* Removes our filter of this name; what is not there is no error. */
int clsact__detach(uint32_t ifindex, enum program_id program);

/* Removes the clsact qdisc if no filter is left on it. */
int clsact__release(uint32_t ifindex);

/* The devices of this network namespace that have a clsact qdisc. *@out is to be freed. */
int clsact__devices(uint32_t **out, size_t *n);

#endif
