// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A device that leads out of the node, in XDP: one family's part of uplink_xdp.bpf.c, for frames with a
 * VLAN tag (-DTAG_LEN=4) or without.
 */
#include "path_xdp.h"

#if TAG_LEN
#define PART(name) PROGRAM(xdp_tagged##name)
#else
#define PART(name) PROGRAM(xdp##name)
#endif

int PART()(struct xdp_md *xdp)
{
	return path_xdp(xdp);
}

int PART(_open)(struct xdp_md *xdp)
{
	return path_open_xdp(xdp);
}
