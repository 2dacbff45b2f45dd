// SPDX-License-Identifier: Apache-2.0
#include "next.h"

#include <stddef.h>
#include <string.h>

#include "now.h"

#if ABI_FLOWS_VERSION == NOW_FLOWS + 1
#define IS_NEXT(next, abi, member)                                                                 \
	_Static_assert(offsetof(struct next, member) == offsetof(struct abi, member) &&            \
	                       sizeof(struct next) == sizeof(struct abi),                          \
	               "abi.sed makes what next.h says")
IS_NEXT(next_flow4, flow4, seen);
IS_NEXT(next_flow6, flow6, seen);
IS_NEXT(next_flow4, flow4, epoch);
IS_NEXT(next_flow6, flow6, epoch);
IS_NEXT(next_svc, svc, ranges);
#endif

/* Alike in both families, but for the addresses. */
#define FLOW_TO_NEXT(family, ...)                                                                  \
	static int flow##family##_to_next(const void *old_key, const void *old_value, void *key,   \
	                                  void *value)                                             \
	{                                                                                          \
		const struct now_flow##family *old = old_value;                                    \
		const struct next_flow##family new = { .epoch = old->epoch,                        \
			                               .state = old->state,                        \
			                               .flags = old->flags,                        \
			                               .saddr = old->saddr,                        \
			                               .daddr = old->daddr,                        \
			                               .sport = old->sport,                        \
			                               .dport = old->dport,                        \
			                               .addr_csum = old->addr_csum,                \
			                               .port_csum = old->port_csum,                \
			                               .svc = old->svc,                            \
			                               .backend = old->backend,                    \
			                               .backend_gen = old->backend_gen,            \
			                               .seen = old->seen,                          \
			                               .in_ifindex = old->in_ifindex,              \
			                               .out_ifindex = old->out_ifindex,            \
			                               __VA_ARGS__ };                              \
                                                                                                   \
		memcpy(key, old_key, sizeof(struct flow##family##_key));                           \
		memcpy(value, &new, sizeof(new));                                                  \
		return 0;                                                                          \
	}

FLOW_TO_NEXT(4, .born = old->seen)
FLOW_TO_NEXT(6, )

static void svc_to_next(const struct now_svc *old, struct next_svc *new)
{
	new->id = old->id;
	new->algo = old->algo;
	new->flags = old->flags;
	new->affinity_s = old->affinity_s;
	new->all = old->all;
	new->local = old->local;
	new->ring = old->ring;
	new->ranges = old->ranges;
}

static int svc4_to_next(const void *old_key, const void *old_value, void *key, void *value)
{
	memcpy(key, old_key, sizeof(struct svc4_key));
	svc_to_next(old_value, value);
	return 0;
}

static int svc6_to_next(const void *old_key, const void *old_value, void *key, void *value)
{
	memcpy(key, old_key, sizeof(struct svc6_key));
	svc_to_next(old_value, value);
	return 0;
}

#define STEP(map_, from_, key, old, new, function)                                                 \
	{ .map = (map_),                                                                           \
	  .from = (from_),                                                                         \
	  .old_key_size = sizeof(struct key),                                                      \
	  .old_value_size = sizeof(struct old),                                                    \
	  .key_size = sizeof(struct key),                                                          \
	  .value_size = sizeof(struct new),                                                        \
	  .entry = (function) }

/* The tables of endpoints have a new version as well, and no step: the agent writes them again. */
const struct migration NEXT_MIGRATIONS[] = {
	STEP("flows4", NOW_FLOWS, flow4_key, now_flow4, next_flow4, flow4_to_next),
	STEP("flows6", NOW_FLOWS, flow6_key, now_flow6, next_flow6, flow6_to_next),
	STEP("svcs4", NOW_SVCS, svc4_key, now_svc, next_svc, svc4_to_next),
	STEP("svcs6", NOW_SVCS, svc6_key, now_svc, next_svc, svc6_to_next),
	{ .map = NULL },
};
