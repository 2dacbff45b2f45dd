/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What uplink_xdp.bpf.c and its parts have to do with each other. */
#ifndef MILLRACE_UPLINK_XDP_H
#define MILLRACE_UPLINK_XDP_H

#include <linux/bpf.h>

/* What a part says besides an XDP action. */
#define XDP_OPEN  100 /* the packet begins a flow: call the part's open */
#define XDP_KNOWN 101 /* the flow is there now: call the part again */

/* What a part may add to an action that sends the frame: it leaves with or without a tag, unlike it came. */
#define XDP_UNTAG         0x100
#define XDP_TAG(vid)      (0x200 | (vid) << 16)
#define XDP_TAG_VID(says) ((says) >> 16)

/* Packets of known flows, in frames without and with a tag. */
int xdp4(struct xdp_md *xdp);
int xdp6(struct xdp_md *xdp);
int xdp_tagged4(struct xdp_md *xdp);
int xdp_tagged6(struct xdp_md *xdp);

/*
 * Packets that begin one. Apart from the above, since both need much of the stack that one call chain
 * has, and the packets of known flows are to have theirs in one frame.
 */
int xdp_open4(struct xdp_md *xdp);
int xdp_open6(struct xdp_md *xdp);
int xdp_tagged_open4(struct xdp_md *xdp);
int xdp_tagged_open6(struct xdp_md *xdp);

#endif
