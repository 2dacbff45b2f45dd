/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses that this node's pods have theirs of, and those of them that no pod is known for. Needs no context. */
#ifndef MILLRACE_GUARD_HOME_H
#define MILLRACE_GUARD_HOME_H

#include "endpoint.h"
#include "maps_policy.h"

static __always_inline const struct guard *guard_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&guard, &zero);
}

static __always_inline bool guard_is_on(void)
{
	const struct guard *now = guard_get();

	return now && now->flags & GUARD_ON;
}

/* The key is a copy: before 6.4 a map takes none from the memory that a global function is given. */
static __always_inline struct subject *subject_find(const ip_t *ip)
{
	endpoint_key_t key = { .addr = *ip };

	return bpf_map_lookup_elem(&SUBJECTS, &key);
}

#if IPV == 4

static __always_inline bool guard_covers_by(const struct guard *now, __u32 i, const ip_t *ip)
{
	return now->mask4[i] && (*ip & now->mask4[i]) == now->base4[i];
}

#else

static __always_inline bool guard_covers_by(const struct guard *now, __u32 i, const ip_t *ip)
{
	const struct addr6 *base = &now->base6[i], *mask = &now->mask6[i];

	return mask->w[0] && (ip->w[0] & mask->w[0]) == base->w[0] &&
	       (ip->w[1] & mask->w[1]) == base->w[1] && (ip->w[2] & mask->w[2]) == base->w[2] &&
	       (ip->w[3] & mask->w[3]) == base->w[3];
}

#endif

/* Whether the address is of the blocks that this node's pods have theirs of. */
static __always_inline bool guard_covers(const struct guard *now, const ip_t *ip)
{
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < GUARD_RANGES; i++)
		if (guard_covers_by(now, i, ip))
			return true;
	return false;
}

/* Of those blocks, and not of this node itself, which may have one of them, as that of a bridge. */
static __always_inline bool guard_is_home(const ip_t *ip)
{
	const struct guard *now = guard_get();

	return now && guard_covers(now, ip) && !endpoint_is(endpoint_find(*ip), ENDPOINT_HOST);
}

/*
 * An address of this node's pods, and nobody has said yet what holds for its pod: neither may it send
 * nor be reached.
 */
static __noinline bool guard_is_closed(const ip_t *ip)
{
	return guard_is_home(ip) && !subject_find(ip);
}

#endif
