// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <string.h>

#define ATTACHED(object_, direction, role_, egress_, family_)                                      \
	{ .name = #object_ "_" #direction #family_,                                                \
	  .object = #object_ "_tc" #family_,                                                       \
	  .role = (role_),                                                                         \
	  .egress = (egress_),                                                                     \
	  .family = (family_) }

const struct program_info programs[PROGRAM_MAX] = {
	[PROGRAM_POD_OUT4] = ATTACHED(pod, out, WIRE_ROLE_POD, true, 4),
	[PROGRAM_POD_OUT6] = ATTACHED(pod, out, WIRE_ROLE_POD, true, 6),
	[PROGRAM_POD_IN4] = ATTACHED(pod, in, WIRE_ROLE_POD, false, 4),
	[PROGRAM_POD_IN6] = ATTACHED(pod, in, WIRE_ROLE_POD, false, 6),
	[PROGRAM_UPLINK_OUT4] = ATTACHED(uplink, out, WIRE_ROLE_UPLINK, true, 4),
	[PROGRAM_UPLINK_OUT6] = ATTACHED(uplink, out, WIRE_ROLE_UPLINK, true, 6),
	[PROGRAM_UPLINK_IN4] = ATTACHED(uplink, in, WIRE_ROLE_UPLINK, false, 4),
	[PROGRAM_UPLINK_IN6] = ATTACHED(uplink, in, WIRE_ROLE_UPLINK, false, 6),
	[PROGRAM_GC4] = { .name = "gc4", .object = "gc4", .family = 4 },
	[PROGRAM_GC6] = { .name = "gc6", .object = "gc6", .family = 6 },
	[PROGRAM_SOCK_END4] = { .name = "sock_end4", .object = "sock_end4", .family = 4 },
	[PROGRAM_SOCK_END6] = { .name = "sock_end6", .object = "sock_end6", .family = 6 },
};

enum program_id program__find(const char *name)
{
	for (int i = 0; i < PROGRAM_ATTACHED_MAX; i++) {
		if (!strcmp(programs[i].name, name))
			return i;
	}
	return PROGRAM_MAX;
}
