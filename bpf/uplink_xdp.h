/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What uplink_xdp.bpf.c and its two parts have to do with each other. */
#ifndef MILLRACE_UPLINK_XDP_H
#define MILLRACE_UPLINK_XDP_H

#include <linux/bpf.h>

/* What a part says besides an XDP action. */
#define XDP_OPEN  100 /* the packet begins a flow: call the part's open */
#define XDP_KNOWN 101 /* the flow is there now: call the part again */

/* Packets of known flows. */
int xdp4(struct xdp_md *xdp);
int xdp6(struct xdp_md *xdp);

/*
 * Packets that begin one. Apart from the above, since both need much of the stack that one call chain
 * has, and the packets of known flows are to have theirs in one frame.
 */
int xdp_open4(struct xdp_md *xdp);
int xdp_open6(struct xdp_md *xdp);

#endif
