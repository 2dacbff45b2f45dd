/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of a flow table, one after the other, in the words of connection tracking. */
#ifndef MILLRACE_FLOW_WALK_H
#define MILLRACE_FLOW_WALK_H

#include "conntrack.h"
#include "map.h"

/* One half of a connection. */
struct flow_half {
	const void *key; /* as the map has it; during the visit */
	uint8_t family, proto;
	uint8_t state;  /* enum flow_state */
	uint16_t flags; /* enum flow_flag */
	struct conntrack_tuple comes, leaves;
};

typedef void (*flow_visit_fn)(void *ctx, const struct flow_half *half);

/* Shows all of @flows, which is of @family. Entries changed meanwhile may be seen or not. 0 or -errno. */
int flow__walk(const struct map *flows, uint8_t family, flow_visit_fn visit, void *ctx);

#endif
