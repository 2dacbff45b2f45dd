/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The XDP side's context. */
#ifndef MILLRACE_CTX_XDP_H
#define MILLRACE_CTX_XDP_H

#include "hook.h"
#include "uplink_xdp.h"
#include "vlan.h"

typedef struct xdp_md ctx_t;

#define CTX_DROP XDP_DROP

/* The frame's length as tc would see it, with the fragments that data_end leaves out. */
static __always_inline __u32 ctx_len(ctx_t *xdp)
{
	return bpf_xdp_get_buff_len(xdp) - TAG_LEN;
}

/* The device that the frame came in by: that of its tag where it has one. */
static __always_inline __u32 ctx_ifindex(ctx_t *xdp)
{
	return TAG_LEN ? vlan_arrived() : xdp->ingress_ifindex;
}

#endif
