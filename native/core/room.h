/* SPDX-License-Identifier: Apache-2.0 */
/* From which fill of a flow table on new flows are limited; see struct room in abi.h. */
#ifndef MILLRACE_ROOM_PLAN_H
#define MILLRACE_ROOM_PLAN_H

#include <stdint.h>

struct gc_args;

/* Fills in the limits for a table of @entries, on a machine with @cpus. */
void room__plan(uint32_t entries, uint32_t cpus, struct gc_args *args);

#endif
