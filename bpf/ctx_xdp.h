/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The XDP side's context. */
#ifndef MILLRACE_CTX_XDP_H
#define MILLRACE_CTX_XDP_H

#include "hook.h"

typedef struct xdp_md ctx_t;

#define CTX_DROP XDP_DROP

/* The frame's length, with the fragments that data_end leaves out. */
static __always_inline __u32 ctx_len(ctx_t *xdp)
{
	return bpf_xdp_get_buff_len(xdp);
}

/* The device that the hook stands on. */
static __always_inline __u32 ctx_ifindex(ctx_t *xdp)
{
	return xdp->ingress_ifindex;
}

#endif
