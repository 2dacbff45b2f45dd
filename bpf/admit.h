/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which hook may translate packets of a flow. */
#ifndef MILLRACE_ADMIT_H
#define MILLRACE_ADMIT_H

#include "ctx.h"
#include "endpoint.h"
#include "hook.h"

/*
 * May this device carry packets of this flow? A pod only those of its own; outside those that come
 * from outside. A pod that got a new veth is believed if the control plane says the address is there.
 */
static __always_inline bool admit_device(ctx_t *ctx, enum hook hook, const flow_key_t *key,
                                         flow_t *flow)
{
	struct endpoint *endpoint;

	if (!hook_is_ingress(hook) || flow->in_ifindex == IFINDEX_ANY)
		return true;
	if (hook == HOOK_UPLINK_IN)
		return flow->in_ifindex == IFINDEX_OUTSIDE;
	if (flow->in_ifindex == ctx_ifindex(ctx))
		return true;
	endpoint = endpoint_find(key->saddr);
	if (!endpoint || endpoint->ifindex != ctx_ifindex(ctx))
		return false;
	flow->in_ifindex = ctx_ifindex(ctx);
	return true;
}

/*
 * Met on its way in, and by a device that is known to carry this half. Elsewhere the stack has had it
 * already, or it is of a pod behind a bridge.
 */
static __always_inline bool admit_is_known(enum hook hook, const flow_t *flow)
{
	return hook == HOOK_UPLINK_IN || (hook == HOOK_POD_IN && flow->in_ifindex != IFINDEX_ANY);
}

/*
 * Answers that go by the stack are translated where they reach the pod: the stack's own connection
 * tracking must see them as the backend sent them.
 */
static __always_inline bool admit_later(enum hook hook, const flow_t *flow)
{
	return (flow->flags & (FLOW_STACK | FLOW_REPLY)) == (FLOW_STACK | FLOW_REPLY) &&
	       hook != HOOK_POD_OUT;
}

#endif
